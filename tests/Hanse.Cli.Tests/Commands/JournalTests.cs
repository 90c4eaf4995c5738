using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hanse.Cli.Commands;
using Hanse.Core.Journal;
using Hanse.IO.Journal;
using Hanse.IO.Tests.Journal;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

/// <summary><c>hanse journal</c> on files that somebody else wrote.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly Rig _rig = new();
    private readonly SampleJournal _journal = SampleJournal.Full();

    public JournalTests() => System.IO.File.WriteAllBytes(Journal, _journal.Bytes);

    private string Journal => _rig.File("node.journal");

    private string Key => Convert.ToHexString(_journal.FirstKey);

    public void Dispose()
    {
        _journal.Dispose();
        _rig.Dispose();
    }

    [Fact]
    public void A_sound_journal_verifies_and_the_key_that_was_trusted_is_named()
    {
        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "verify", Journal, "--key", Key));
        Assert.Contains(": verified\n", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("(by --key)", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("raw segment  0, 16384 leaves", _rig.Output, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "verify", Journal));
        Assert.Contains("by the key that the file itself names", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_may_be_in_a_file_and_as_text()
    {
        string text = NoteKey.Ed25519(SampleJournal.Origin, _journal.FirstKey).ToString();
        File.WriteAllText(_rig.File("key"), text + "\n");
        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "verify", Journal, "--key", _rig.File("key")));
        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "verify", Journal, "--key", text));
        Assert.Equal(ExitCode.Refused, _rig.Run("journal", "verify", Journal, "--key", "12"));
        Assert.Contains("64 hexadecimal digits", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_under_another_key_does_not_hold()
    {
        Assert.Equal(
            ExitCode.Broken, _rig.Run("journal", "verify", Journal, "--key", new string('0', 64), "-o", "json"));
        using var report = JsonDocument.Parse(_rig.Output);
        Assert.Equal("broken", report.RootElement.GetProperty("verdict").GetString());
        Assert.Contains("another key", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_journal_or_not_there_is_said_so()
    {
        File.WriteAllText(_rig.File("text"), "not a journal at all");
        foreach (string verb in new[] { "verify", "show", "export", "repair" })
        {
            Assert.Equal(ExitCode.Refused, _rig.Run("journal", verb, _rig.File("text")));
            Assert.Contains("not a journal", _rig.Error, StringComparison.Ordinal);
            Assert.Equal(ExitCode.Environment, _rig.Run("journal", verb, _rig.File("nothing")));
        }
    }

    [Fact]
    public void Entries_are_shown_a_line_each_and_filtered()
    {
        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "show", Journal));
        string[] lines = _rig.Output.TrimEnd().Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Equal("       1   0.00:01:00.000 observed{3@0ms=100 3@1000ms=90 5@1000ms=-4}", lines[1]);

        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "show", Journal, "--kind", "moved"));
        Assert.Contains("moved{resource=1 cause=1 amount=1000 reference=3}", _rig.Output, StringComparison.Ordinal);
        _ = Assert.Single(_rig.Output.TrimEnd().Split('\n'));

        Assert.Equal(ExitCode.Fine,
            _rig.Run("journal", "show", Journal, "--from", "0.00:01", "--until", "0.00:03", "-o", "json"));
        string[] objects = _rig.Output.TrimEnd().Split('\n');
        Assert.Equal(2, objects.Length);
        using var first = JsonDocument.Parse(objects[0]);
        Assert.Equal("observed", first.RootElement.GetProperty("entry").GetProperty("is").GetString());
        Assert.Equal(3, first.RootElement.GetProperty("readings").GetArrayLength());

        Assert.Equal(ExitCode.Refused, _rig.Run("journal", "show", Journal, "--kind", "movd"));
        Assert.Contains("did you mean 'moved'?", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, _rig.Run("journal", "show", Journal, "--from", "yesterday"));
    }

    [Fact]
    public void What_was_exported_is_imported_byte_for_byte()
    {
        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "export", Journal));
        File.WriteAllText(_rig.File("lines"), _rig.Output);
        Assert.Equal(ExitCode.Fine,
            _rig.Run("journal", "import", _rig.File("again"), "--from", _rig.File("lines")));
        Assert.Equal(File.ReadAllBytes(Journal), File.ReadAllBytes(_rig.File("again")));
        Assert.Equal(ExitCode.Environment,
            _rig.Run("journal", "import", _rig.File("again"), "--from", _rig.File("lines")));
    }

    [Theory]
    [InlineData(3, "\"amount\":1000", "\"amount\":9999")]
    [InlineData(0, "origin", "block")]
    [InlineData(2, "\"bytes\":\"", "\"bytes\":\"!")]
    [InlineData(1, "{", "{{")]
    [InlineData(4, "says", "said")]
    public void A_line_that_is_wrong_is_refused_by_number_and_nothing_is_made(int line, string what, string with)
    {
        _ = _rig.Run("journal", "export", Journal);
        string[] lines = _rig.Output.TrimEnd().Split('\n');
        int at = Enumerable.Range(line, lines.Length - line)
            .First(i => lines[i].Contains(what, StringComparison.Ordinal));
        lines[at] = lines[at].Replace(what, with, StringComparison.Ordinal);
        File.WriteAllText(_rig.File("lines"), string.Join('\n', lines));
        Assert.Equal(ExitCode.Refused,
            _rig.Run("journal", "import", _rig.File("again"), "--from", _rig.File("lines")));
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"lines:{at + 1}: "), _rig.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_rig.File("again")));
        Assert.Equal(2 + 0, Directory.GetFiles(_rig.Directory).Length);
    }

    [Fact]
    public void A_torn_journal_is_named_and_repaired()
    {
        byte[] whole = File.ReadAllBytes(Journal);
        File.WriteAllBytes(Journal, whole[..^3]);
        Assert.Equal(ExitCode.Broken, _rig.Run("journal", "verify", Journal));
        Assert.Contains("a torn write", _rig.Output, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "repair", Journal, "--dry-run"));
        Assert.Contains("nothing was changed", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(whole.Length - 3, new FileInfo(Journal).Length);

        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "repair", Journal));
        Assert.Contains("kept aside", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "verify", Journal, "--key", Key));
        Assert.Equal(ExitCode.Fine, _rig.Run("journal", "repair", Journal));
        Assert.Contains("nothing to repair", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unsigned_journal_is_no_success()
    {
        using var journal = new SampleJournal();
        journal.Block(new Entry.Counted(Resource.Cargo, 1));
        File.WriteAllBytes(Journal, journal.Bytes);
        Assert.Equal(ExitCode.Broken, _rig.Run("journal", "verify", Journal));
        Assert.Contains("not signed", _rig.Output, StringComparison.Ordinal);
    }
}
