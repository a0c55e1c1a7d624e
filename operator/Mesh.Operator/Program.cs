using System.CommandLine;
using Mesh.Operator;

const int UsageError = 2;

var command = OperatorCommand.Create().Parse(args);
// The host ends itself on SIGTERM (releasing its lease); the parser's own timer would cut that short.
var exitCode = await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return command.Errors.Count > 0 ? UsageError : exitCode;
