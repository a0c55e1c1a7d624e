using System.CommandLine;
using Mesh.Operator;

// The host ends itself on SIGTERM (releasing its lease); the parser's own timer would cut that short.
return await OperatorCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
