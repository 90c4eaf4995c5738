using System;
using System.IO;
using CsCheck;
using Hanse.Core.Journal;
using Hanse.Core.Tests.Journal;
using Hanse.Core.Tests.Wire;
using Hanse.Core.Wire;
using Hanse.IO.Journal;
using Xunit;

namespace Hanse.IO.Tests.Journal;

/// <summary>A hundred thousand journals, lines, records and proofs as liars and broken disks make
/// them.</summary>
public sealed class HostileJournalTests
{
    private static readonly byte[] _whole = SampleJournal.Small();

    private static readonly Gen<(int At, byte Part, int How)> _mutation =
        Gen.Select(Gen.Int[0, 4000], Gen.Byte, Gen.Int[0, 3]);

    [Fact]
    public void A_mutated_file_is_refused_or_says_the_same()
    {
        _mutation.Sample(mutation =>
        {
            byte[] bytes = Mutations.Of(_whole, mutation.At, mutation.Part, mutation.How);
            JournalVerifier verifier = VerifierTests.Verify(bytes, null);
            bool isSame = bytes.AsSpan().SequenceEqual(_whole);

            // Cut off at a border between records a file is whole, but shorter.
            bool isPrefix = _whole.AsSpan().StartsWith(bytes);
            Assert.True(isSame || isPrefix || verifier.Verdict == JournalVerdict.Broken);
            Assert.Equal(verifier.FindingsCount > 0, verifier.Verdict == JournalVerdict.Broken);
            Assert.All(verifier.Findings, finding => Assert.NotEmpty(finding.Reason));
        }, iter: 10_000);
    }

    [Fact]
    public void A_mutated_record_under_a_good_checksum_is_judged_and_never_thrown_at()
    {
        // The liar computes checksums: every payload mutated, then written as a file again.
        JournalRecord[] records = Records(_whole);
        Gen.Select(Gen.Int[0, records.Length - 1], _mutation).Sample((which, mutation) =>
        {
            using var file = new MemoryStream();
            file.Write(JournalFormat.Begin(SampleJournal.Origin));
            bool isChanged = false;
            for (int i = 0; i < records.Length; i++)
            {
                byte[] payload = records[i].Payload.ToArray();
                if (i == which)
                {
                    payload = Mutations.Of(payload, mutation.At, mutation.Part, mutation.How);
                    payload = payload.Length == 0 ? [0] : payload;
                    isChanged = !payload.AsSpan().SequenceEqual(records[i].Payload.Span);
                }

                file.Write(JournalFormat.Encode(records[i].Kind, payload));
            }

            JournalVerifier verifier = VerifierTests.Verify(file.ToArray(), null);

            // What no checkpoint covers yet, the last block here, can be anything that makes sense.
            Assert.True(!isChanged || which >= records.Length - 1 || verifier.FindingsCount > 0);
        }, iter: 10_000);
    }

    [Fact]
    public void A_mutated_line_is_refused_or_is_the_line_of_its_bytes()
    {
        string[] lines = Export(_whole).TrimEnd().Split('\n');
        Gen.Select(Gen.Int[0, lines.Length - 1], _mutation).Sample((which, mutation) =>
        {
            byte[] bytes = Mutations.Of(
                System.Text.Encoding.UTF8.GetBytes(lines[which]), mutation.At, mutation.Part, mutation.How);
            string line = System.Text.Encoding.UTF8.GetString(bytes);
            bool isRead = JournalLines.TryRead(line, out byte[]? record, out RecordKind kind, out string? reason);
            Assert.True(isRead
                ? JournalLines.Write(kind, record.AsMemory(5, record!.Length - JournalFormat.Overhead)) == line
                : reason!.Length > 0);
        }, iter: 20_000);
    }

    [Fact]
    public void A_mutated_block_proof_or_pack_has_one_encoding_or_a_reason() =>
        Gen.Select(Gen.ULong[0, 300], _mutation).Sample((seed, mutation) =>
        {
            Check(DrawingCodec.Draw<Block>(seed), mutation);
            Check(DrawingCodec.Draw<InclusionProof>(seed), mutation);
            Check(DrawingCodec.Draw<ConsistencyProof>(seed), mutation);
            Check(DrawingCodec.Draw<RawProof>(seed), mutation);
        }, iter: 10_000);

    [Fact]
    public void Noise_is_refused() =>
        Gen.Byte.Array[0, 300].Sample(noise =>
        {
            Assert.NotEqual(JournalVerdict.Verified, VerifierTests.Verify(noise, null).Verdict);
            Assert.False(SignedNote.TryParse(noise, out _, out _));
            Assert.True(ColumnsReader.TryCount(noise, out _, out DecodeError? error)
                || error.Reason.Length > 0);
            Assert.False(CborReader.TryRead<Block>(noise, out _, out DecodeError? _));
        }, iter: 10_000);

    private static void Check<T>(T record, (int At, byte Part, int How) mutation)
        where T : class, IShaped<T>
    {
        byte[] bytes = Mutations.Of(Encode(record), mutation.At, mutation.Part, mutation.How);
        bool isRead = CborReader.TryRead(bytes, out T? read, out DecodeError? error);
        Assert.True(isRead ? Encode(read!).AsSpan().SequenceEqual(bytes) : error!.Reason.Length > 0);
        if (read is Block { Entries.Length: > 0 } block)
        {
            // What accepted blocks are asked for first.
            _ = block.LastAt;
            _ = block.From + TimeSpan.FromMilliseconds(Block.MillisecondsMax);
        }
    }

    private static JournalRecord[] Records(byte[] file)
    {
        var records = new System.Collections.Generic.List<JournalRecord>();
        using var stream = new MemoryStream(file);
        var reader = new JournalReader(stream);
        while (reader.Read(out JournalRecord record))
        {
            records.Add(record with { Payload = record.Payload.ToArray() });
        }

        return [.. records];
    }

    private static string Export(byte[] file)
    {
        using var stream = new MemoryStream(file);
        using var lines = new StringWriter();
        _ = JournalLines.Export(new JournalReader(stream), lines);
        return lines.ToString();
    }

    private static byte[] Encode<T>(T record)
        where T : class, IShaped<T>
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        _ = T.Shape(ref writer, record);
        return buffer.Written.ToArray();
    }
}
