using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Wire;

/// <summary>What holds for the bytes of every record: messages, facts, inputs, effects and parts of
/// snapshots.</summary>
public sealed class EveryRecordTests
{
    [Fact]
    public void Every_case_of_every_sum_type_can_be_drawn()
    {
        HashSet<Type> drawn = EveryRecord.Check(1, new RoundTrip());
        IEnumerable<Type> cases = EveryRecord.Types
            .Where(type => type.IsAbstract)
            .SelectMany(type => type.GetNestedTypes().Where(nested => nested.IsSubclassOf(type)));
        Assert.Empty(cases.Except(drawn).Select(type => type.FullName));
        Assert.NotEmpty(drawn);
    }

    [Fact]
    public void What_was_written_is_read_back_and_fills_its_bytes() =>
        Gen.ULong.Sample(seed => EveryRecord.Check(seed, new RoundTrip()), iter: 300);

    [Fact]
    public void The_size_is_that_of_the_bytes() =>
        Gen.ULong.Sample(seed => EveryRecord.Check(seed, new SizeIsLength()), iter: 300);

    [Fact]
    public void The_bytes_are_well_formed_CBOR_of_as_many_items_as_the_heads_say() =>
        Gen.ULong.Sample(seed => EveryRecord.Check(seed, new WellFormed()), iter: 300);

    [Fact]
    public void Bytes_cut_off_anywhere_are_refused() =>
        Gen.ULong.Sample(seed => EveryRecord.Check(seed, new CutIsRefused()), iter: 20);

    [Fact]
    public void Damaged_bytes_are_refused_or_are_the_bytes_of_another_record() =>
        Gen.ULong.Sample(seed => EveryRecord.Check(seed, new DamageIsCanonical(seed)), iter: 100);

    [Fact]
    public void Every_kind_of_message_survives_the_wire_and_states_its_size() =>
        Gen.ULong.Sample(
            seed =>
            {
                foreach (MessageKind kind in Enum.GetValues<MessageKind>())
                {
                    Message message = Draw(kind, seed);
                    Assert.Equal(kind, message.Kind);
                    var buffer = new ByteBuffer();
                    message.Write(buffer);
                    Assert.Equal(buffer.Length, message.Size());
                    byte[] body = buffer.Written.ToArray();
                    Assert.True(Message.TryRead(kind, body, out Message? read, out DecodeError? error),
                        $"{error}");
                    buffer.Clear();
                    read!.Write(buffer);
                    Assert.Equal(body, buffer.Written.ToArray());
                    byte[] longer = [.. body, 0];
                    Assert.False(Message.TryRead(kind, longer, out _, out _));
                    Assert.False(Message.TryRead((MessageKind)19, body, out _, out _));
                }
            },
            iter: 200);

    /// <summary>Draws a message of a kind that makes sense.</summary>
    internal static Message Draw(MessageKind kind, ulong seed)
    {
        var seeds = new Prng(seed);
        for (int attempt = 0; attempt < 2_000; attempt++)
        {
            var codec = new DrawingCodec(seeds.NextBits(), null);
            Message drawn = Message.Walk(ref codec, kind, null);
            if (!codec.Failed)
            {
                return drawn;
            }
        }

        throw new InvalidOperationException($"no draw of {kind} makes sense");
    }

    private static byte[] BytesOf<T>(T record)
        where T : class, IShaped<T>
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        _ = T.Shape(ref writer, record);
        return buffer.Written.ToArray();
    }

    private sealed class RoundTrip : IRecordClaim
    {
        public void Check<T>(T record)
            where T : class, IShaped<T>
        {
            byte[] bytes = BytesOf(record);
            Assert.True(CborReader.TryRead(bytes, out T? read, out DecodeError? error),
                $"{typeof(T)}: {error}");
            Assert.Equal(record.GetType(), read!.GetType());
            Assert.Equal(bytes, BytesOf(read));
            Assert.Equal(Text(record), Text(read));
            byte[] longer = [.. bytes, 0];
            Assert.False(CborReader.TryRead<T>(longer, out _, out _));
        }

        private static string Text<T>(T record)
            where T : class, IShaped<T>
        {
            var buffer = new ByteBuffer();
            TraceText.Append(buffer, record);
            return System.Text.Encoding.ASCII.GetString(buffer.Written);
        }
    }

    private sealed class SizeIsLength : IRecordClaim
    {
        public void Check<T>(T record)
            where T : class, IShaped<T> => Assert.Equal(BytesOf(record).Length, CborSizer.Of(record));
    }

    private sealed class WellFormed : IRecordClaim
    {
        public void Check<T>(T record)
            where T : class, IShaped<T>
        {
            // A sum type may leave its tag and its case, two items, to the record that holds it.
            byte[] bytes = BytesOf(record);
            Assert.True(
                IsItems(bytes, 1) || (typeof(T).IsAbstract && IsItems(bytes, 2)),
                $"{record.GetType()}: {bytes.Length} bytes, of which the first item has "
                + $"{(CborItem.TryEnd(bytes, 1, out int end) ? end : -1)}");
        }

        private static bool IsItems(byte[] bytes, int items) =>
            CborItem.TryEnd(bytes, items, out int end) && end == bytes.Length;
    }

    private sealed class CutIsRefused : IRecordClaim
    {
        public void Check<T>(T record)
            where T : class, IShaped<T>
        {
            byte[] bytes = BytesOf(record);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(CborReader.TryRead<T>(bytes.AsMemory(0, length), out T? read,
                    out DecodeError? error));
                Assert.Null(read);
                Assert.NotNull(error);
            }
        }
    }

    private sealed class DamageIsCanonical(ulong seed) : IRecordClaim
    {
        public void Check<T>(T record)
            where T : class, IShaped<T>
        {
            var prng = new Prng(seed);
            byte[] bytes = BytesOf(record);
            for (int i = 0; i < 20; i++)
            {
                byte[] damaged = [.. bytes];
                damaged[prng.Below(damaged.Length)] ^= (byte)(1 << (int)prng.Below(8));
                if (CborReader.TryRead(damaged, out T? read, out _))
                {
                    Assert.Equal(damaged, BytesOf(read!));
                }
            }
        }
    }
}
