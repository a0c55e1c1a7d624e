using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Mesh.Operator.Runtime;

public static class ServiceCollectionExtensions
{
    /// <summary>Adds the runtime; TimeProvider and Random may be registered before to replace the system's.</summary>
    public static OperatorBuilder AddKubernetesOperator(
        this IServiceCollection services, OperatorSettings settings, Func<KubernetesClientConfiguration> connection)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.AddSingleton(settings);
        services.AddSingleton<ServerReach>();
        services.AddSingleton(provider => new KubernetesApi(connection(), provider.GetRequiredService<TimeProvider>(), settings.Name) { Reach = provider.GetRequiredService<ServerReach>() });
        services.AddSingleton<IKubernetesClient>(provider => provider.GetRequiredService<KubernetesApi>());
        services.AddSingleton<StoreRollback>();
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<LeaderGate>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<LeaderGate>());
        return new OperatorBuilder(services);
    }
}
