using System;
using System.IO;
using System.Linq;
using Hanse.Cli.Keys;
using Hanse.Cli.Releases;
using Hanse.Core.Strategy;
using Xunit;

namespace Hanse.Cli.Tests.Serving;

/// <summary>The file of those who sign orders of rollouts.</summary>
public sealed class SignersFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-signers-").FullName;
    private readonly string[] _keys;

    public SignersFileTests() => _keys = [.. Enumerable.Range(0, 3).Select(i =>
    {
        using var key = KeyFile.Create(Path.Combine(_folder, $"key{i}"), $"key{i}");
        return key.Public.ToString();
    })];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Nobody_is_asked_without_one() =>
        Assert.Same(OperatorKeys.None, SignersFile.Read(null, TextWriter.Null));

    [Fact]
    public void Keys_and_counts_are_read_and_what_is_for_people_is_not()
    {
        OperatorKeys signers = Read(
            $"# ours\nusual 2\n\n{_keys[0]} # ada\n  {_keys[1]}\nfaster 3\n{_keys[2]}\n")!;
        Assert.Equal((3, 2, 3), (signers.Keys.Length, signers.Usual, signers.Faster));
        Assert.True(signers.IsSound);
    }

    [Theory]
    [InlineData("", "0 keys")]
    [InlineData("{0}\n", "1 keys, 1 usual and 2 faster")]
    [InlineData("{0}\n{0}\n", "different keys")]
    [InlineData("usual 3\n{0}\n{1}\n", "3 usual")]
    [InlineData("usual two\n{0}\n{1}\n", "line 1")]
    [InlineData("{0}\nada+00000000+AAAA\n", "line 2")]
    [InlineData("{0}\n/etc/passwd\n", "line 2")]
    [InlineData("usual 0\n{0}\n{1}\n", "0 usual")]
    public void Anything_else_is_refused_with_its_line(string text, string word)
    {
        using var error = new StringWriter();
        Assert.Null(Read(string.Format(
            System.Globalization.CultureInfo.InvariantCulture, text, _keys[0], _keys[1]), error));
        Assert.Contains(word, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_key_is_not_what_belongs_there()
    {
        using var error = new StringWriter();
        Assert.Null(Read(File.ReadAllText(Path.Combine(_folder, "key0")), error));
        Assert.DoesNotContain("PRIVATE", error.ToString(), StringComparison.Ordinal);
    }

    private OperatorKeys? Read(string text, TextWriter? error = null)
    {
        string path = Path.Combine(_folder, "signers");
        File.WriteAllText(path, text);
        return SignersFile.Read(path, error ?? TextWriter.Null);
    }
}
