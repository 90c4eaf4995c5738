using System.Collections.Generic;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.IO.Tests.Runtime;

/// <summary>The least machine that has everything: it adds up what it is told, each sender's numbers once,
/// and answers with the sum.</summary>
internal sealed class Tally : IMachine<Tally.Input, Tally.Added, Tally.Reply>, IShapedState
{
    private readonly SortedDictionary<int, long> _last = [];

    public long Sum { get; private set; }

    public Instant? NextWake => null;

    /// <summary>The time of the last step.</summary>
    public Instant Now { get; private set; }

    public void Step(Instant now, Input input, Outbox<Added, Reply> outbox)
    {
        Now = now;
        if (input.Sender == 0)
        {
            return; // Rebuilt: senders repeat.
        }

        Invariant.Holds(input.Amount != Poison);
        if (_last.GetValueOrDefault(input.Sender) + 1 == input.Number)
        {
            var added = new Added(input.Sender, input.Number, input.Amount);
            Apply(added);
            outbox.Record(added);
        }

        if (input.Number <= _last.GetValueOrDefault(input.Sender))
        {
            outbox.Emit(new Reply(input.Sender, input.Number, Sum));
        }
    }

    /// <summary>An amount that breaks the machine.</summary>
    public const long Poison = 666;

    public void Apply(Added fact)
    {
        _last[fact.Sender] = fact.Number;
        Sum += fact.Amount;
    }

    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("tally", 2);
        Sum = codec.Integer("sum", Sum, 0, long.MaxValue);
        codec.Table(
            "last",
            _last,
            static (ref TCodec c, int key) => c.Number("sender", key),
            static (ref TCodec c, long value) => c.Integer("number", value, 0, long.MaxValue));
        codec.Close();
    }

    /// <param name="Sender">From 1; zero for "restarted".</param>
    /// <param name="Number">From 1 without a gap.</param>
    /// <param name="Amount">To add.</param>
    internal sealed record Input(int Sender, long Number, long Amount);

    internal sealed record Added(int Sender, long Number, long Amount) : IShaped<Added>
    {
        public static Added Shape<TCodec>(ref TCodec codec, Added? value)
            where TCodec : struct, ICodec
        {
            codec.Open("added", 3);
            int sender = codec.Number("sender", value?.Sender ?? 0);
            long number = codec.Integer("number", value?.Number ?? 0, 0, long.MaxValue);
            long amount = codec.Integer("amount", value?.Amount ?? 0, 0, long.MaxValue);
            codec.Close();
            return value ?? new Added(sender, number, amount);
        }
    }

    internal sealed record Reply(int Sender, long Number, long Sum);
}
