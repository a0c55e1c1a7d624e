using System.CommandLine;
using Mesh.Api;
using Mesh.Api.Validation;
using Mesh.Cli.Files;
using Mesh.Operator.Core.Analysis;

namespace Mesh.Cli.Commands;

/// <summary>
/// `mesh validate`: what is wrong with each object of files by itself, judged as at admission. Exit 1 when something is, 2
/// when something could not be read.
/// </summary>
internal static class ValidateCommand
{
    public static Command Create(TextWriter output, TextWriter error, TextReader input)
    {
        var files = CommonOptions.Files(required: true);
        var format = CommonOptions.Output();
        var command = new Command("validate", "Look at each object of files by itself: what is wrong with it, what is deprecated, what does not act") { files, format };
        command.SetAction(result =>
        {
            var documents = Documents.Read(result.GetValue(files)!, input);
            foreach (var problem in documents.Unreadable) error.WriteLine($"mesh: {problem}");
            var findings = documents.All.SelectMany(Judge).ToList();
            FindingsOutput.Write(findings, documents.All.Count, result.GetValue(format) == "json", output);
            return FindingsOutput.ExitCode(findings, documents.Unreadable.Count == 0);
        });
        return command;
    }

    private static IEnumerable<Finding> Judge(Document document) =>
        document.RepeatedKeys.Select(key => Repeated(document, key)).Concat(DocumentJudge.Judge(document.Content)).Concat(WrittenSettings.Of(document.Content));

    private static Finding Repeated(Document document, (int Line, string Key) repeated) => new()
    {
        Severity = Severity.Error,
        Code = FindingCodes.SchemaValidationError,
        Resource = ResourceNames.Of(document.Kind, document.Namespace, document.Name),
        Value = repeated.Key,
        Message = $"This field is given twice, the second time in {document.Source}:{repeated.Line}: only the last one counts, and kubectl refuses it.",
        Remedy = "Keep one of them.",
    };
}
