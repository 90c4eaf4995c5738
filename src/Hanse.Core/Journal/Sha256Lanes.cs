using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hanse.Core.Journal;

/// <summary>SHA-256 of sixteen short messages of one length at once, one in each lane of wide
/// registers.</summary>
/// <remarks>
/// The problem: a raw leaf is 64 blocks and 63 nodes, and the base library spends half a microsecond on every
/// call, however short the message. The idea is old (multi-buffer hashing): the rounds of sixteen messages
/// are the same instructions. Only where AVX-512 is; elsewhere callers use the base library, and both agree
/// on every input, which is a test. Messages stand behind a byte of prefix, so every word is put together
/// from the ends of two.
/// </remarks>
internal static class Sha256Lanes
{
    /// <summary>Messages at once.</summary>
    public const int Count = 16;

    private static readonly uint[] _constants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    private static readonly uint[] _begin =
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];

    // Turns the bytes of every word around.
    private static readonly Vector512<byte> _bigEndian = Vector512.Create(
        Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)));

    /// <summary>Whether this processor has the lanes.</summary>
    public static bool IsSupported => Avx512F.IsSupported && Avx512BW.IsSupported;

    /// <summary>The leaf hashes of sixteen blocks of <see cref="RawLog.BlockBytes"/>, one after the
    /// other.</summary>
    public static void LeafHashes(ReadOnlySpan<byte> blocks, Span<Digest> hashes)
    {
        Hash(blocks[..(Count * RawLog.BlockBytes)], RawLog.BlockBytes, 0, isDigests: false, hashes);
    }

    /// <summary>The hashes of sixteen nodes from those of their thirty-two children.</summary>
    public static void NodeHashes(ReadOnlySpan<Digest> children, Span<Digest> hashes)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(children[..(2 * Count)]);
        Hash(bytes, 2 * Digest.Length, 1, isDigests: true, hashes);
    }

    // Digests are words of 64 bits in the processor's own order, so that their halves are exchanged.
    private static void Hash(
        ReadOnlySpan<byte> messages, int length, byte prefix, bool isDigests, Span<Digest> hashes)
    {
        Span<Vector512<uint>> state = stackalloc Vector512<uint>[8];
        Span<Vector512<uint>> words = stackalloc Vector512<uint>[16];
        for (int i = 0; i < 8; i++)
        {
            state[i] = Vector512.Create(_begin[i]);
        }

        ref byte start = ref MemoryMarshal.GetReference(messages);
        var carry = Vector512.Create((uint)prefix);
        for (int at = 0; at < length; at += 64)
        {
            for (int lane = 0; lane < Count; lane++)
            {
                var loaded = Vector512.LoadUnsafe(ref start, (nuint)((lane * length) + at));
                words[lane] = isDigests
                    ? Avx512F.Shuffle(loaded.AsUInt32(), 0b10_11_00_01)
                    : Avx512BW.Shuffle(loaded, _bigEndian).AsUInt32();
            }

            Transpose(words);
            for (int i = 0; i < 16; i++)
            {
                Vector512<uint> word = words[i];
                words[i] = (carry << 24) | (word >> 8);
                carry = word;
            }

            Compress(state, words);
        }

        words.Clear();
        words[0] = (carry << 24) | Vector512.Create(0x800000u);
        words[15] = Vector512.Create((uint)(length + 1) * 8);
        Compress(state, words);
        Span<uint> out32 = MemoryMarshal.Cast<Vector512<uint>, uint>(state);
        for (int lane = 0; lane < Count; lane++)
        {
            hashes[lane] = new Digest(
                Join(out32, 0, lane), Join(out32, 2, lane), Join(out32, 4, lane), Join(out32, 6, lane));
        }
    }

    private static ulong Join(ReadOnlySpan<uint> state, int word, int lane) =>
        ((ulong)state[(word * Count) + lane] << 32) | state[((word + 1) * Count) + lane];

    // Rows become columns: words of two rows, pairs of words, then quarters of registers, twice.
    private static void Transpose(Span<Vector512<uint>> rows)
    {
        Span<Vector512<uint>> half = stackalloc Vector512<uint>[16];
        for (int i = 0; i < 16; i += 4)
        {
            Vector512<ulong> lowA = Avx512F.UnpackLow(rows[i], rows[i + 1]).AsUInt64();
            Vector512<ulong> highA = Avx512F.UnpackHigh(rows[i], rows[i + 1]).AsUInt64();
            Vector512<ulong> lowB = Avx512F.UnpackLow(rows[i + 2], rows[i + 3]).AsUInt64();
            Vector512<ulong> highB = Avx512F.UnpackHigh(rows[i + 2], rows[i + 3]).AsUInt64();
            half[i] = Avx512F.UnpackLow(lowA, lowB).AsUInt32();
            half[i + 1] = Avx512F.UnpackHigh(lowA, lowB).AsUInt32();
            half[i + 2] = Avx512F.UnpackLow(highA, highB).AsUInt32();
            half[i + 3] = Avx512F.UnpackHigh(highA, highB).AsUInt32();
        }

        for (int i = 0; i < 4; i++)
        {
            Vector512<uint> evenA = Avx512F.Shuffle4x128(half[i], half[i + 4], 0b10_00_10_00);
            Vector512<uint> oddA = Avx512F.Shuffle4x128(half[i], half[i + 4], 0b11_01_11_01);
            Vector512<uint> evenB = Avx512F.Shuffle4x128(half[i + 8], half[i + 12], 0b10_00_10_00);
            Vector512<uint> oddB = Avx512F.Shuffle4x128(half[i + 8], half[i + 12], 0b11_01_11_01);
            rows[i] = Avx512F.Shuffle4x128(evenA, evenB, 0b10_00_10_00);
            rows[i + 4] = Avx512F.Shuffle4x128(oddA, oddB, 0b10_00_10_00);
            rows[i + 8] = Avx512F.Shuffle4x128(evenA, evenB, 0b11_01_11_01);
            rows[i + 12] = Avx512F.Shuffle4x128(oddA, oddB, 0b11_01_11_01);
        }
    }

    // FIPS 180-4, section 6.2.2. Eight rounds at a time, so that the variables change their parts and not
    // their places.
    private static void Compress(Span<Vector512<uint>> state, Span<Vector512<uint>> words)
    {
        (Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d) =
            (state[0], state[1], state[2], state[3]);
        (Vector512<uint> e, Vector512<uint> f, Vector512<uint> g, Vector512<uint> h) =
            (state[4], state[5], state[6], state[7]);
        ref Vector512<uint> w = ref MemoryMarshal.GetReference(words);
        ref uint constants = ref MemoryMarshal.GetArrayDataReference(_constants);
        for (int t = 0; t < 64; t += 8)
        {
            if (t >= 16)
            {
                Extend(ref w, t & 8);
            }

            ref uint k = ref Unsafe.Add(ref constants, t);
            ref Vector512<uint> now = ref Unsafe.Add(ref w, t & 8);
            h += First(e, f, g, now, k);
            d += h;
            h += Second(a, b, c);
            g += First(d, e, f, Unsafe.Add(ref now, 1), Unsafe.Add(ref k, 1));
            c += g;
            g += Second(h, a, b);
            f += First(c, d, e, Unsafe.Add(ref now, 2), Unsafe.Add(ref k, 2));
            b += f;
            f += Second(g, h, a);
            e += First(b, c, d, Unsafe.Add(ref now, 3), Unsafe.Add(ref k, 3));
            a += e;
            e += Second(f, g, h);
            d += First(a, b, c, Unsafe.Add(ref now, 4), Unsafe.Add(ref k, 4));
            h += d;
            d += Second(e, f, g);
            c += First(h, a, b, Unsafe.Add(ref now, 5), Unsafe.Add(ref k, 5));
            g += c;
            c += Second(d, e, f);
            b += First(g, h, a, Unsafe.Add(ref now, 6), Unsafe.Add(ref k, 6));
            f += b;
            b += Second(c, d, e);
            a += First(f, g, h, Unsafe.Add(ref now, 7), Unsafe.Add(ref k, 7));
            e += a;
            a += Second(b, c, d);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    // The next eight words of the schedule, in the place of those sixteen before.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Extend(ref Vector512<uint> w, int from)
    {
        for (int i = from; i < from + 8; i++)
        {
            Vector512<uint> early = Unsafe.Add(ref w, (i + 1) & 15);
            Vector512<uint> late = Unsafe.Add(ref w, (i + 14) & 15);
            Unsafe.Add(ref w, i) += Unsafe.Add(ref w, (i + 9) & 15)
                + Xor(Avx512F.RotateRight(early, 7), Avx512F.RotateRight(early, 18), early >> 3)
                + Xor(Avx512F.RotateRight(late, 17), Avx512F.RotateRight(late, 19), late >> 10);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> First(
        Vector512<uint> e, Vector512<uint> f, Vector512<uint> g, Vector512<uint> word, uint constant) =>
        Xor(Avx512F.RotateRight(e, 6), Avx512F.RotateRight(e, 11), Avx512F.RotateRight(e, 25))
            + Avx512F.TernaryLogic(e, f, g, 0xca)
            + (word + Vector512.Create(constant));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Second(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) =>
        Xor(Avx512F.RotateRight(a, 2), Avx512F.RotateRight(a, 13), Avx512F.RotateRight(a, 22))
            + Avx512F.TernaryLogic(a, b, c, 0xe8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Xor(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) =>
        Avx512F.TernaryLogic(a, b, c, 0x96);
}
