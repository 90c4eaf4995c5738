using System;

namespace Hanse.Core.Series;

/// <summary>Predicts one bit from what followed in several contexts before.</summary>
/// <remarks>
/// Context mixing (Mahoney, "Adaptive weighing of context models for lossless data compression", 2005), in
/// whole numbers. For every context a table keeps how often either bit followed, the older evidence fading
/// when it is contradicted; what such a history is worth is learned too, over all contexts of one kind, so
/// that a pattern met once is trusted as far as patterns met once have deserved it. The logits are added with
/// weights that follow the gradient of the cost. Series are short: a few thousand samples must teach all
/// of it.
/// </remarks>
internal sealed class BitMixer
{
    /// <summary>Number of contexts.</summary>
    public const int Inputs = 11;

    /// <summary>Number of sets of weights to choose from.</summary>
    public const int WeightSets = 96;

    private const int SlotBits = 14;

    // Three kinds of bits learn apart: whether the level moves, where to, how far.
    private const int Kinds = 3;

    private const int Buckets = 13;

    private const int Terms = Inputs + 1;

    // Weights are in 1/65536; eleven opinions of which about half are independent.
    private const int WeightStart = 10_486;

    // Chosen on training parts: between 5 and 8 the total differs by less than one per cent.
    private const int LearningRate = 7;

    // What one is worth against the opinions: the bias input, one logit.
    private const int Bias = 256;

    // Counts above which a history is no longer told apart, and one count that stands for each bucket.
    private static readonly int[] _bucketMax = [0, 1, 2, 3, 4, 6, 9, 15, 24, 40, 80, 160, 255];

    private static readonly int[] _bucketMean = [0, 1, 2, 3, 4, 5, 8, 12, 20, 32, 60, 120, 255];

    private static readonly byte[] _bucketOf = MakeBuckets();

    // How often a clear bit (low byte) and a set bit (high byte) followed, for each context and node.
    private readonly ushort[] _histories = new ushort[Inputs << SlotBits];

    // Chance of a set bit after such a history, in 1/2^22, and below it how much evidence it rests on.
    private readonly uint[] _worth = new uint[Inputs * Kinds * Buckets * Buckets];

    private readonly int[] _weights = new int[WeightSets * Terms];

    private readonly uint[] _contexts = new uint[Inputs];

    private readonly int[] _slots = new int[Inputs];

    private readonly int[] _worthAt = new int[Inputs];

    private readonly int[] _logits = new int[Terms];

    private int _weightsAt;

    private int _chance;

    /// <summary>Nothing learned.</summary>
    public BitMixer()
    {
        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = i % Terms == Inputs ? 0 : WeightStart;
        }

        for (int i = 0; i < _worth.Length; i++)
        {
            // Add 2/5 to both counts (near Krichevsky and Trofimov's 1/2) and trust it like six cases.
            int set = (5 * _bucketMean[i % Buckets]) + 2;
            int clear = (5 * _bucketMean[i / Buckets % Buckets]) + 2;
            _worth[i] = (uint)(((long)set << 22) / (set + clear) << 10) | 6;
        }
    }

    /// <summary>Forgets what it learned and learns what the other has.</summary>
    public void CopyFrom(BitMixer other)
    {
        other._histories.CopyTo(_histories, 0);
        other._worth.CopyTo(_worth, 0);
        other._weights.CopyTo(_weights, 0);
    }

    /// <summary>States one context of the bits to come.</summary>
    public void Context(int input, uint context)
    {
        unchecked
        {
            _contexts[input] = (context * 0x9E37_79B1) + ((uint)input * 0x85EB_CA6B);
        }
    }

    /// <summary>The chance that the next bit is set.</summary>
    /// <param name="node">Which bit of a symbol it is.</param>
    /// <param name="kind">Which kind of bit.</param>
    /// <param name="weights">Which weights to use.</param>
    public int Predict(uint node, int kind, int weights)
    {
        _weightsAt = weights * Terms;
        long sum = 0;
        for (int i = 0; i < Inputs; i++)
        {
            int slot = (i << SlotBits) + Slot(_contexts[i], node);
            ushort history = _histories[slot];
            int worth = (((((i * Kinds) + kind) * Buckets) + _bucketOf[history & 255]) * Buckets)
                + _bucketOf[history >> 8];
            _slots[i] = slot;
            _worthAt[i] = worth;
            _logits[i] = history == 0 ? 0 : Logistic.Logit((int)(_worth[worth] >> 16));
            sum += (long)_logits[i] * _weights[_weightsAt + i];
        }

        _logits[Inputs] = Bias;
        sum += (long)Bias * _weights[_weightsAt + Inputs];
        _chance = Logistic.Chance(sum >> 16);
        return Math.Clamp(_chance, 16, 65520);
    }

    /// <summary>Learns the bit that was predicted last.</summary>
    public void Learn(bool bit)
    {
        int miss = (bit ? 65535 : 0) - _chance;
        for (int i = 0; i < Terms; i++)
        {
            long step = (((long)_logits[i] * miss * LearningRate) + (1 << 17)) >> 18;
            _weights[_weightsAt + i] = (int)Math.Clamp(_weights[_weightsAt + i] + step, -(1 << 24), 1 << 24);
        }

        for (int i = 0; i < Inputs; i++)
        {
            ref ushort history = ref _histories[_slots[i]];
            if (history != 0)
            {
                Adjust(ref _worth[_worthAt[i]], bit);
            }

            history = bit
                ? (ushort)(Faded(history & 255) | (Risen(history >> 8) << 8))
                : (ushort)(Risen(history & 255) | (Faded(history >> 8) << 8));
        }
    }

    private static int Risen(int count) => Math.Min(count + 1, 255);

    private static int Faded(int count) => count > 2 ? (count / 2) + 1 : count;

    private static void Adjust(ref uint worth, bool bit)
    {
        long chance = worth >> 10;
        uint cases = worth & 1023;
        chance += ((bit ? (1 << 22) - 1 : 0) - chance) * 10 / ((10 * cases) + 16);
        worth = ((uint)chance << 10) | Math.Min(cases + 1, 255);
    }

    private static int Slot(uint context, uint node)
    {
        unchecked
        {
            uint hash = (context + (node * 0x2545_F491)) * 0xC2B2_AE35;
            hash = (hash ^ (hash >> 15)) * 0x27D4_EB2F;
            return (int)(hash >> (32 - SlotBits));
        }
    }

    private static byte[] MakeBuckets()
    {
        byte[] buckets = new byte[256];
        for (int count = 0, bucket = 0; count < 256; count++)
        {
            bucket += count > _bucketMax[bucket] ? 1 : 0;
            buckets[count] = (byte)bucket;
        }

        return buckets;
    }
}
