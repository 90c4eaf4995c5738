using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Wire;
using Hanse.IO.Facts;
using Xunit;

namespace Hanse.Simulation.Tests.Facts;

public class FactsFileTests
{
    [Fact]
    public void A_file_of_facts_is_read_as_it_was_written_and_the_same_run_writes_the_same()
    {
        FactsRun run = FactsRun.Shared;
        var reader = new FactsReader(new MemoryStream(run.Bytes));
        Assert.True(reader.Begin());
        Assert.Equal(new FactsHeader("1.2.3", "swarm", ulong.MaxValue), reader.Header);
        Assert.Equal(run.Steps.Count, FactsRun.All(reader).Count());
        Assert.Null(reader.Damage);
        Assert.True(reader.IsComplete);
        Assert.Equal(run.Bytes, FactsRun.Play(FactsRun.Sample()).Bytes);
    }

    [Fact]
    public void A_file_that_is_cut_off_anywhere_is_found_and_what_is_before_is_read()
    {
        byte[] bytes = Short();
        for (int length = 0; length < bytes.Length; length++)
        {
            (FactsReader reader, int steps) = Read(bytes[..length]);
            Assert.False(reader.IsComplete);
            Assert.NotNull(reader.Damage);
            Assert.True(reader.Damage.Offset <= length);
            Assert.True(steps <= 3);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_found()
    {
        byte[] bytes = Short();
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            byte[] spoiled = [.. bytes];
            spoiled[bit / 8] ^= (byte)(1 << (bit % 8));
            (FactsReader reader, int _) = Read(spoiled);
            Assert.NotNull(reader.Damage);
            Assert.False(reader.IsComplete);
        }
    }

    [Fact]
    public void A_record_that_is_missing_repeated_or_moved_is_found()
    {
        IReadOnlyList<FactStep> steps = [.. FactsRun.Shared.Steps.Take(12)];
        int last = steps.Count - 1;
        Assert.Null(Written(steps).Damage);
        Assert.Contains("count the steps", Written([.. steps.Take(last)], steps.Count).Damage!.Reason,
            StringComparison.Ordinal);
        for (int i = 0; i < last; i++)
        {
            bool isLast = steps.Skip(i + 1).All(step => step.Machine != steps[i].Machine);
            FactStep[] missing = [.. steps.Where((_, at) => at != i)];
            Assert.NotNull(Written(missing, steps.Count).Damage);
            Assert.True(
                isLast || Written(missing).Damage!.Reason.Contains("missing", StringComparison.Ordinal));
            Assert.NotNull(Written([.. steps.Take(i + 1), .. steps.Skip(i)]).Damage);
        }
    }

    [Fact]
    public void A_length_that_lies_costs_no_memory()
    {
        byte[] lies = [.. FactsFormat.Magic, 0xFF, 0xFF, 0xFF, 0x0F, 1, 2, 3];
        long before = GC.GetAllocatedBytesForCurrentThread();
        (FactsReader reader, int _) = Read(lies);
        Assert.Contains("torn", reader.Damage!.Reason, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20);
    }

    [Fact]
    public void A_node_writes_no_facts()
    {
        byte[] bytes = [.. CborWriter.Bytes(new FactStep(Party.Of(new RegionId(1)), 1, default, [], []))];
        Assert.True(CborReader.TryRead(bytes, out FactStep? _, out _));
        bytes[2] = (byte)PartyKind.Node;
        Assert.False(CborReader.TryRead(bytes, out FactStep? _, out _));
    }

    private static (FactsReader Reader, int Steps) Read(byte[] bytes)
    {
        var reader = new FactsReader(new MemoryStream(bytes));
        return (reader, FactsRun.All(reader).Count());
    }

    private static FactsReader Written(IReadOnlyList<FactStep> steps, int? counted = null)
    {
        var buffer = new ByteBuffer();
        buffer.Add(FactsFormat.Magic.AsSpan());
        FactsFormat.Append(buffer, FactsRecord.Header, new FactsHeader("1", "x", 1));
        foreach (FactStep step in steps)
        {
            FactsFormat.Append(buffer, FactsRecord.Step, step);
        }

        FactsFormat.Append(buffer, FactsRecord.End, new FactsEnd((ulong)(counted ?? steps.Count)));
        return Read(buffer.Written.ToArray()).Reader;
    }

    private static byte[] Short()
    {
        using var stream = new MemoryStream();
        var writer = new FactsWriter(stream, new FactsHeader("1", "x", 1));
        HubFact[] facts = [new HubFact.CharterAsked(), new HubFact.DigestSent(default)];
        writer.Append(Party.Of(new RegionId(1)), default, facts);
        writer.Append(Party.Of(new RegionId(2)), default, facts);
        writer.Append(Party.Of(new RegionId(1)), default, facts);
        writer.Complete();
        return stream.ToArray();
    }
}
