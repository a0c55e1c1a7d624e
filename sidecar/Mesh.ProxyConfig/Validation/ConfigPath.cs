namespace Mesh.Config;

/// <summary>A place in a section: <c>virtualHosts[0].routes[1]</c>.</summary>
internal readonly record struct ConfigPath(string Section, string Path = "")
{
    public string Member(string name) => name.Length == 0 ? Path : Path.Length == 0 ? name : $"{Path}.{name}";

    public ConfigPath Down(string name) => this with { Path = Member(name) };

    public ConfigPath Down(string name, int index) => this with { Path = $"{Member(name)}[{index}]" };
}
