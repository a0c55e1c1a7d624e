using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

public sealed class SectionTests
{
    [Fact]
    public void Equal_content_is_equal_bytes_and_equal_hash()
    {
        var one = new SampleConfig().Sections;
        var two = new SampleConfig().Sections;

        Assert.Equal(one.Select(section => section.Ref), two.Select(section => section.Ref));
        Assert.Equal(new SampleConfig().Document(), new SampleConfig().Document());
    }

    [Fact]
    public void The_order_in_which_labels_were_gathered_does_not_show()
    {
        var random = new Random(1);
        var keys = Enumerable.Range(0, 50).Select(i => $"Key-{i % 7}.{(char)('a' + (i % 26))}{i}").ToArray();
        var hashes = Enumerable.Range(0, 20).Select(_ =>
        {
            var shuffled = keys.ToArray();
            random.Shuffle(shuffled);
            var labels = shuffled.Aggregate(ImmutableSortedDictionary<string, string>.Empty, (all, key) => all.Add(key, "x"));
            return Section.Of(new EndpointSet { Host = "a", Groups = [new EndpointGroup { Host = "a", Port = 1, Endpoints = [new Endpoint { Address = "10.0.0.1", Port = 1, Labels = labels }] }] }).Hash;
        });

        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void The_order_of_sections_given_does_not_show()
    {
        var sections = new SampleConfig().Sections;
        var reversed = sections.Reverse().ToArray();

        Assert.Equal(ConfigDocument.ManifestOf(sections, 1, "").Hash, ConfigDocument.ManifestOf(reversed, 1, "").Hash);
        Assert.Equal(
            ConfigDocument.Write(ConfigDocument.ManifestOf(sections, 1, ""), sections),
            ConfigDocument.Write(ConfigDocument.ManifestOf(reversed, 1, ""), reversed));
    }

    [Fact]
    public void The_revision_is_no_part_of_the_hash()
    {
        var sections = new SampleConfig().Sections;

        Assert.Equal(ConfigDocument.ManifestOf(sections, 1, "a").Hash, ConfigDocument.ManifestOf(sections, 2, "b").Hash);
    }

    [Fact]
    public void Durations_are_written_as_seconds()
    {
        Assert.Contains("\"timeout\":\"0.25s\"", TextOf(TimeSpan.FromMilliseconds(250)), StringComparison.Ordinal);
        Assert.Contains("\"timeout\":\"3600s\"", TextOf(TimeSpan.FromHours(1)), StringComparison.Ordinal);
        Assert.Contains("\"timeout\":\"0.0000001s\"", TextOf(TimeSpan.FromTicks(1)), StringComparison.Ordinal);

        static string TextOf(TimeSpan timeout) => System.Text.Encoding.UTF8.GetString(
            Section.Of(SampleConfig.TableOf(SampleConfig.RouteTo("a") with { Timeout = timeout })).Json.Span);
    }

    [Fact]
    public void Enums_are_written_as_words()
    {
        Assert.Contains("\"protocol\":\"Http\"", System.Text.Encoding.UTF8.GetString(Section.Of(new SampleConfig().Inbound).Json.Span), StringComparison.Ordinal);
    }
}
