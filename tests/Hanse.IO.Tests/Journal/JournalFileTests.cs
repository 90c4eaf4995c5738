using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.IO.Pipes;
using System.Linq;
using System.Threading.Tasks;
using Hanse.IO.Journal;
using Xunit;

namespace Hanse.IO.Tests.Journal;

/// <summary>The file of a journal: durable appends, damage and repair.</summary>
public sealed class JournalFileTests : IDisposable
{
    private const string AppenderVariable = "HANSE_TEST_APPENDER";
    private const int GroupSize = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-journal-").FullName;

    private string Journal => Path.Combine(_folder, "node.journal");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_appended_is_read_in_order_and_more_may_follow()
    {
        await using (JournalFile file = JournalFile.Create(Journal, SampleJournal.Origin))
        {
            await file.AppendAsync(RecordKind.Block, new byte[] { 1 });
            await file.AppendAsync(RecordKind.Block, new byte[] { 2, 2 });
        }

        (JournalFile? again, JournalDamage? damage) = JournalFile.Open(Journal);
        Assert.Null(damage);
        await using (again)
        {
            await again!.AppendAsync(RecordKind.Checkpoint, new byte[] { 3 });
        }

        Assert.Equal(["01", "0202", "03"], Read(File.ReadAllBytes(Journal)).Records);
    }

    [Fact]
    public async Task Appends_that_come_together_share_a_flush_and_keep_their_order()
    {
        await using JournalFile file = JournalFile.Create(Journal, SampleJournal.Origin);
        byte[][] payloads =
            [.. Enumerable.Range(0, 1000).Select(i => new[] { (byte)(i >> 8), (byte)i })];
        await Task.WhenAll(payloads.Select(payload => file.AppendAsync(RecordKind.Block, payload)));
        Assert.InRange(file.Flushes, 1, 500);
        Assert.Equal(payloads.Select(Convert.ToHexString), Read(File.ReadAllBytes(Journal)).Records);
    }

    [Fact]
    public async Task A_journal_has_one_writer()
    {
        await using JournalFile file = JournalFile.Create(Journal, SampleJournal.Origin);
        _ = Assert.ThrowsAny<IOException>(() => JournalFile.Open(Journal));
        _ = Assert.ThrowsAny<IOException>(() => JournalRepair.Repair(Journal));
        Assert.Null(JournalRepair.Examine(Journal).Damage);
    }

    [Fact]
    public async Task What_could_not_be_written_is_never_acknowledged()
    {
        JournalFile file = JournalFile.Create(Journal, SampleJournal.Origin);
        await file.DisposeAsync();
        _ = await Assert.ThrowsAsync<IOException>(
            () => file.AppendAsync(RecordKind.Block, new byte[] { 1 }));
        _ = await Assert.ThrowsAsync<ArgumentException>(
            () => file.AppendAsync(RecordKind.Block, new byte[JournalFormat.PayloadMax + 1]));
    }

    [Fact]
    public void A_file_cut_at_any_byte_keeps_all_whole_records_before_it()
    {
        byte[] whole = SampleJournal.Small();
        List<long> ends = [.. Read(whole).Ends];
        for (int length = 0; length < whole.Length; length++)
        {
            (List<string> records, _, JournalDamage? damage) = Read(whole[..length]);
            int expected = ends.Count(end => end <= length);
            Assert.Equal(expected, records.Count);
            bool isBorder = ends.Contains(length)
                || length == JournalFormat.Begin(SampleJournal.Origin).Length;
            Assert.Equal(isBorder, damage is null);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_found_and_everything_before_it_kept()
    {
        byte[] whole = SampleJournal.Small();
        (List<string> all, List<long> ends, _) = Read(whole);
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            (List<string> records, _, JournalDamage? damage) = Read(flipped);
            Assert.NotNull(damage);
            Assert.Equal(all.Take(ends.Count(end => end <= bit / 8)), records);
        }
    }

    [Fact]
    public void A_repair_keeps_the_valid_prefix_and_sets_the_rest_aside()
    {
        byte[] whole = SampleJournal.Small();
        List<long> ends = [.. Read(whole).Ends];
        byte[] rotten = [.. whole];
        rotten[ends[4]] ^= 1; // The sixth record: the block that changes the key comes after it.
        File.WriteAllBytes(Journal, rotten);

        RepairReport dry = JournalRepair.Examine(Journal);
        Assert.Equal(rotten, File.ReadAllBytes(Journal));
        RepairReport report = JournalRepair.Repair(Journal);
        Assert.Equal(dry with { Aside = report.Aside }, report);
        Assert.Equal(ends[4], report.Damage!.Offset);
        Assert.Equal(whole.Length - ends[4], report.BytesCut);
        Assert.Equal(ends.Count - 6, report.RecordsBeyond);
        Assert.Equal(3, report.BlocksKept);
        Assert.Equal(2UL, report.Covered);
        Assert.Equal(whole[..(int)ends[4]], File.ReadAllBytes(Journal));
        Assert.Equal(rotten[(int)ends[4]..], File.ReadAllBytes(report.Aside!));

        Assert.Null(JournalRepair.Repair(Journal).Damage);
    }

    [Fact]
    public void A_repair_never_overwrites_what_it_set_aside_before()
    {
        byte[] whole = SampleJournal.Small();
        List<string> kept = [];
        for (int i = 0; i < 3; i++)
        {
            File.WriteAllBytes(Journal, [.. whole, 1, 2, (byte)i]);
            kept.Add(JournalRepair.Repair(Journal).Aside!);
        }

        Assert.Equal([0, 1, 2], kept.Select(path => (int)File.ReadAllBytes(path)[2]));
    }

    [Fact]
    public void What_is_no_journal_is_left_alone()
    {
        byte[] other = [.. Enumerable.Repeat((byte)'x', 1000)];
        File.WriteAllBytes(Journal, other);
        Assert.False(JournalRepair.Repair(Journal).IsRepairable);
        Assert.Equal(other, File.ReadAllBytes(Journal));
    }

    [Fact]
    public void A_file_made_to_be_slow_is_given_up_on_in_time()
    {
        // After the damage every fifth byte begins a plausible record that no checksum confirms.
        byte[] head = [0xf0, 0xff, 0, 0, 2];
        byte[] slow = [.. Enumerable.Repeat(head, 100_000).SelectMany(part => part)];
        byte[] file = [.. SampleJournal.Small(), 9, .. slow];
        File.WriteAllBytes(Journal, file);
        RepairReport report = JournalRepair.Examine(Journal);
        Assert.False(report.IsCountComplete);
        Assert.Equal(0, report.RecordsBeyond);
    }

    [Fact]
    public async Task After_a_kill_every_acknowledged_append_is_there()
    {
        for (int round = 0; round < 2; round++)
        {
            string path = Path.Combine(_folder, $"killed-{Guid.NewGuid():N}.journal");
            int acknowledged = await KillWhileAppending(path, 1 + (4 * round));
            _ = JournalRepair.Repair(path);
            (JournalFile? file, JournalDamage? damage) = JournalFile.Open(path);
            Assert.Null(damage);
            await file!.DisposeAsync();
            List<string> records = Read(File.ReadAllBytes(path)).Records;
            Assert.True(records.Count >= acknowledged, $"{records.Count} of {acknowledged}");
            Assert.Equal(
                Enumerable.Range(0, records.Count).Select(i => Convert.ToHexString(Numbered(i))), records);
        }
    }

    // Plays the process that is killed: appends without end, and says what was acknowledged.
    [Fact]
    public async Task The_appender_appends_until_it_is_killed()
    {
        if (Environment.GetEnvironmentVariable(AppenderVariable) is not { } path)
        {
            return;
        }

        await using JournalFile file = JournalFile.Create(path, SampleJournal.Origin);
        await using var pipe = new NamedPipeClientStream(".", Path.GetFileName(path), PipeDirection.Out);
        await pipe.ConnectAsync(TestContext.Current.CancellationToken);
        for (int next = 0; ; next += GroupSize)
        {
            int first = next;
            await Task.WhenAll(Enumerable.Range(first, GroupSize)
                .Select(i => file.AppendAsync(RecordKind.Block, Numbered(i))));
            pipe.WriteByte(1);
        }
    }

    // Kills the appender after some groups were acknowledged, while it writes the next.
    private static async Task<int> KillWhileAppending(string path, int groups)
    {
        await using var pipe = new NamedPipeServerStream(Path.GetFileName(path), PipeDirection.In);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(JournalFileTests).Assembly.Location);
        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"*.{nameof(The_appender_appends_until_it_is_killed)}");
        start.Environment[AppenderVariable] = path;
        using Process process = Process.Start(start)!;
        await pipe.WaitForConnectionAsync(TestContext.Current.CancellationToken);
        int acknowledged = 0;
        while (pipe.ReadByte() >= 0)
        {
            acknowledged += GroupSize;
            if (acknowledged == groups * GroupSize)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(acknowledged >= groups * GroupSize);
        return acknowledged;
    }

    private static byte[] Numbered(int i) =>
        [.. BitConverter.GetBytes(i), .. Enumerable.Repeat((byte)i, i % 300)];

    private static (List<string> Records, List<long> Ends, JournalDamage? Damage) Read(byte[] file)
    {
        var records = new List<string>();
        var ends = new List<long>();
        using var stream = new MemoryStream(file);
        var reader = new JournalReader(stream);
        while (reader.Read(out JournalRecord record))
        {
            records.Add(Convert.ToHexString(record.Payload.Span));
            ends.Add(record.End);
        }

        return (records, ends, reader.Damage);
    }
}
