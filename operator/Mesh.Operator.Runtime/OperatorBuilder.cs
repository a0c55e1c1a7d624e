using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Runtime;

/// <summary>Registers controllers, finalizers and webhooks.</summary>
public sealed class OperatorBuilder(IServiceCollection services)
{
    private readonly List<Type> _components = [];

    public IServiceCollection Services { get; } = services;

    /// <summary>Everything registered, for the RBAC manifest.</summary>
    public ImmutableArray<Type> Components => [.. _components];

    public OperatorBuilder AddController<TController, TEntity>(WatchScope? scope = null)
        where TController : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        _components.Add(typeof(TController));
        Services.TryAddSingleton<TController>();
        Services.AddSingleton(provider => new EntityWatcher<TEntity>(
            provider.GetRequiredService<KubernetesApi>(), scope ?? new WatchScope(), provider.GetRequiredService<TController>(),
            provider.GetServices<FinalizerRegistration<TEntity>>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Random>(), provider.GetRequiredService<ILogger<EntityWatcher<TEntity>>>()) { OnRolledBack = provider.GetRequiredService<StoreRollback>().Tell });
        Services.AddSingleton<IEntityWatcher>(provider => provider.GetRequiredService<EntityWatcher<TEntity>>());
        Services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<EntityWatcher<TEntity>>());
        return this;
    }

    public OperatorBuilder AddFinalizer<TFinalizer, TEntity>(string identifier)
        where TFinalizer : class, IEntityFinalizer<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        _components.Add(typeof(TFinalizer));
        Services.TryAddSingleton<TFinalizer>();
        Services.AddSingleton(provider => new FinalizerRegistration<TEntity>(identifier, provider.GetRequiredService<TFinalizer>()));
        return this;
    }

    /// <summary>Another part that touches the API and carries <see cref="EntityRbacAttribute"/>s.</summary>
    public OperatorBuilder AddComponent<TComponent>() where TComponent : class
    {
        _components.Add(typeof(TComponent));
        Services.TryAddSingleton<TComponent>();
        return this;
    }
}
