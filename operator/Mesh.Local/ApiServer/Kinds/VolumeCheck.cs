using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>A volume comes from one place.</summary>
internal static class VolumeCheck
{
    /// <summary>In the order Kubernetes looks for them: the first that is there is the volume's, any other is too much.</summary>
    private static readonly string[] Sources =
    [
        "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs", "flocker",
        "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "configMap", "azureFile", "vsphereVolume",
        "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
    ];

    public static void Add(List<FieldProblem> problems, JsonNode? volumes, string path)
    {
        var index = 0;
        foreach (var volume in PodTemplateDefaults.Items(volumes))
        {
            var place = $"{path}[{(index++).ToString(CultureInfo.InvariantCulture)}]";
            var given = Sources.Where(volume.ContainsKey).ToList();
            if (given.Count == 0)
                problems.Add(FieldProblem.Required(place, "must specify a volume type"));
            foreach (var other in given.Skip(1))
                problems.Add(FieldProblem.Forbidden($"{place}.{other}", "may not specify more than 1 volume type"));
        }
    }
}
