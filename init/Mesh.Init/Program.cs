using Mesh.Init;

var parsed = new InitCommand(Console.Out, Console.Error).Parse(args);
if (parsed.Errors.Count == 0) return parsed.Invoke();
foreach (var error in parsed.Errors) Console.Error.WriteLine($"mesh-init: {error.Message}");
return InitFailure.Usage;
