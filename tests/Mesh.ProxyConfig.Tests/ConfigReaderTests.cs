using System.IO.Compression;
using System.Text;
using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

public sealed class ConfigReaderTests
{
    private static readonly SampleConfig Sample = new();

    [Fact]
    public void A_document_reads_back_as_it_was_written()
    {
        var reading = ConfigReader.Read(Sample.Document(7, "uid-1"), "uid-1");

        Assert.Empty(reading.Problems);
        Assert.Equal(7, reading.Config!.Manifest.Revision);
        Assert.Equal(Sample.Workload, reading.Config.Workload);
        Assert.Equal(Sample.Mesh, reading.Config.Mesh);
        Assert.Equal(2, reading.Config.Clusters.Length);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], reading.Config.Endpoints.Single().Endpoints.Select(endpoint => endpoint.Address));
        Assert.Equal("9080", reading.Config.Routes.Single().Name);
    }

    [Fact]
    public void A_gzip_document_reads_like_a_plain_one()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Sample.Document());

        var reading = ConfigReader.Read(packed.ToArray());

        Assert.Empty(reading.Problems);
        Assert.NotNull(reading.Config);
    }

    [Fact]
    public void A_section_named_in_the_manifest_must_be_there()
    {
        var sections = Sample.Sections;
        var document = ConfigDocument.Write(ConfigDocument.ManifestOf(sections, 1, ""), sections.Where(section => section.Name != "routes/9080"));

        AssertProblem(document, "routes/9080", "missing");
    }

    [Fact]
    public void A_section_that_the_manifest_does_not_name_is_refused()
    {
        var sections = Sample.Sections;
        var document = ConfigDocument.Write(ConfigDocument.ManifestOf([.. sections.Where(section => section.Name != "routes/9080")], 1, ""), sections);

        AssertProblem(document, "routes/9080", "not named in the manifest");
    }

    [Fact]
    public void A_section_must_be_what_its_hash_says()
    {
        var text = Encoding.UTF8.GetString(Sample.Document()).Replace("10.0.0.1", "10.0.0.9", StringComparison.Ordinal);

        AssertProblem(Encoding.UTF8.GetBytes(text), $"endpoints/{SampleConfig.Host}", "hash");
    }

    [Fact]
    public void The_manifest_hash_must_be_that_of_its_sections()
    {
        var manifest = ConfigDocument.ManifestOf(Sample.Sections, 1, "") with { Hash = "00" };

        AssertProblem(ConfigDocument.Write(manifest, Sample.Sections), "manifest: hash", "not the hash");
    }

    [Fact]
    public void A_config_for_another_pod_is_refused()
    {
        var reading = ConfigReader.Read(Sample.Document(1, "uid-1"), "uid-2");

        Assert.Null(reading.Config);
        Assert.Equal(1, reading.Manifest!.Revision);
        Assert.Contains(reading.Problems, problem => problem.Path == "manifest: podUid");
    }

    [Fact]
    public void A_newer_format_is_refused_as_newer_whatever_else_it_holds()
    {
        var document = """{"manifest":{"formatVersion":99,"colour":"red"},"sections":{"shapes":{}}}"""u8.ToArray();

        var problem = Assert.Single(ConfigReader.Read(document).Problems);
        Assert.Equal("manifest: formatVersion", problem.Path);
        Assert.Contains("99 is newer than 1", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("no json")]
    public void What_is_no_document_is_refused_and_says_so(string text)
    {
        var problem = Assert.Single(ConfigReader.Read(Encoding.UTF8.GetBytes(text)).Problems);
        Assert.NotEmpty(problem.Message);
    }

    [Fact]
    public void A_broken_gzip_is_refused()
    {
        Assert.NotEmpty(ConfigReader.Read(new byte[] { 0x1f, 0x8b, 8, 0, 1, 2, 3 }).Problems);
    }

    [Fact]
    public void An_unknown_member_is_named_with_its_section_and_path()
    {
        var json = """{"name":"9080","virtualHosts":[{"name":"a","domains":["a"],"routes":[{"colour":"red"}]}]}"""u8.ToArray();
        var manifest = ConfigDocument.ManifestOf([], 1, "") with { Sections = [new SectionRef("routes/9080", Section.HashOf(json))] };
        manifest = manifest with { Hash = ConfigDocument.HashOf(manifest.Sections) };
        var document = Encoding.UTF8.GetBytes(
            $$$"""{"manifest":{"formatVersion":1,"revision":1,"podUid":"","hash":"{{{manifest.Hash}}}","sections":[{"name":"routes/9080","hash":"{{{manifest.Sections[0].Hash}}}"}]},"sections":{"routes/9080":{{{Encoding.UTF8.GetString(json)}}}}}""");

        var problems = ConfigReader.Read(document).Problems;

        Assert.Contains(problems, problem => problem.Path == "routes/9080: virtualHosts[0].routes[0].colour");
        // The four sections that every config has are missing too: all problems are told at once.
        Assert.Equal(4, problems.Count(problem => problem.Message == "missing"));
    }

    [Fact]
    public void A_section_must_hold_what_its_name_says()
    {
        var wrong = Sample with { Endpoints = [new EndpointSet { Host = "a", Groups = [new EndpointGroup { Host = "b", Port = 1 }] }] };

        AssertProblem(wrong.Document(), "endpoints/a", "holds 'b'");
    }

    [Fact]
    public void Sections_that_did_not_change_are_shared_with_the_config_before()
    {
        var before = Sample.Assembled();
        var change = Sample with { Mesh = Sample.Mesh with { AccessLogFile = "/dev/stdout" } };

        var after = ConfigReader.Read(change.Document(2), "", before).Config!;

        Assert.Same(before.Routes[0], after.Routes[0]);
        Assert.Same(before.Clusters[0], after.Clusters[0]);
        Assert.Same(before.Endpoints[0], after.Endpoints[0]);
        Assert.Equal("/dev/stdout", after.Mesh.AccessLogFile);
    }

    [Fact]
    public void A_push_may_leave_out_what_is_in_force_with_the_same_hash()
    {
        var before = Sample.Assembled();
        var change = Sample with { Mesh = Sample.Mesh with { AccessLogFile = "/dev/stdout" } };

        var reading = ConfigReader.Read(PushOf(change, SectionNames.Mesh), "", before, partial: true);

        Assert.Empty(reading.Problems);
        Assert.Same(before.Routes[0], reading.Config!.Routes[0]);
        Assert.Same(before.Workload, reading.Config.Workload);
        Assert.Equal("/dev/stdout", reading.Config.Mesh.AccessLogFile);
    }

    [Fact]
    public void A_push_may_not_leave_out_what_is_in_force_with_another_hash()
    {
        var change = Sample with { Mesh = Sample.Mesh with { AccessLogFile = "/dev/stdout" } };

        var reading = ConfigReader.Read(PushOf(change, SectionNames.Workload), "", Sample.Assembled(), partial: true);

        Assert.Equal(SectionNames.Mesh, Assert.Single(reading.Problems).Path);
        Assert.Null(reading.Config);
    }

    [Fact]
    public void What_was_pushed_in_parts_is_a_whole_document_again()
    {
        var first = Sample.Document(1);
        var change = Sample with { Mesh = Sample.Mesh with { AccessLogFile = "/dev/stdout" } };
        var manifest = ConfigDocument.ManifestOf(change.Sections, 2, "");

        var whole = ConfigDocument.Complete(manifest, [PushOf(change, SectionNames.Mesh), first]);

        Assert.Equal(change.Document(2), whole);
        Assert.Null(ConfigDocument.Complete(manifest, [first])); // the changed section is in none
    }

    private static byte[] PushOf(SampleConfig config, string section) =>
        ConfigDocument.Write(ConfigDocument.ManifestOf(config.Sections, 2, ""), config.Sections.Where(held => held.Name == section));

    [Fact]
    public void Whatever_bytes_come_are_read_or_refused_but_nothing_is_thrown()
    {
        var random = new Random(5);
        var good = Sample.Document();
        for (var turn = 0; turn < 3000; turn++)
        {
            var document = good.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(document.Length);
                if (random.Next(3) == 0) document[at] = (byte)random.Next(256);
                else (document[at], document[^(at + 1)]) = (document[^(at + 1)], document[at]);
            }

            if (random.Next(4) == 0) document = document[..random.Next(document.Length)];
            var reading = ConfigReader.Read(document);
            if (reading.Config is { } config) ProxyConfigValidator.Validate(config);
            else Assert.NotEmpty(reading.Problems);
        }
    }

    [Theory]
    [InlineData("""{"manifest":[],"sections":{}}""")]
    [InlineData("""{"manifest":{"formatVersion":"1"},"sections":{}}""")]
    [InlineData("""{"manifest":{"formatVersion":1e9},"sections":{}}""")]
    [InlineData("""{"manifest":{},"sections":[]}""")]
    [InlineData("""{"manifest":{},"sections":{"a\ud800":{}}}""")] // half a character
    [InlineData("""{"\ud800":{}}""")]
    [InlineData("""{"manifest":{"formatVersion":1,"revision":1,"hash":"","sections":[null]},"sections":{}}""")]
    [InlineData("""{"manifest":{"formatVersion":1,"revision":1,"hash":"","sections":[{"name":null,"hash":null}]},"sections":{}}""")]
    public void Odd_documents_are_refused(string text)
    {
        Assert.NotEmpty(ConfigReader.Read(Encoding.UTF8.GetBytes(text)).Problems);
    }

    private static void AssertProblem(byte[] document, string path, string message)
    {
        var reading = ConfigReader.Read(document);
        Assert.Null(reading.Config);
        Assert.Contains(reading.Problems, problem => problem.Path == path && problem.Message.Contains(message, StringComparison.Ordinal));
    }
}
