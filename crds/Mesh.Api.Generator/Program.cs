// Writes the CRDs and the reference documentation made from the entities of Mesh.Api. OUTDIR is the root of the repository.
using Mesh.Api.Generator;

if (args is not [var root])
{
    Console.Error.WriteLine("usage: Mesh.Api.Generator OUTDIR   (the root of the repository: writes crds/ and docs/reference/)");
    return 2;
}

foreach (var (path, text) in GeneratedFiles.All())
{
    var file = Path.Combine(root, path);
    Directory.CreateDirectory(Path.GetDirectoryName(file)!);
    if (File.Exists(file) && File.ReadAllText(file) == text)
        continue;
    File.WriteAllText(file, text);
    Console.WriteLine($"wrote {path}");
}

return 0;
