using System;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.IO.Journal;

namespace Hanse.Bench;

/// <summary>What a return of a node costs its hub: hashes, trees, proofs, readings, signatures.</summary>
public class JournalBenchmarks
{
    /// <summary>Minutes of thirty days.</summary>
    private const int Minutes = 43_200;

    private readonly byte[] _leaf = new byte[RawLog.LeafBytes];
    private readonly byte[] _hash = new byte[Digest.Length];
    private readonly Digest[] _leaves = new Digest[Minutes];
    private readonly MerkleLog _log = new();
    private readonly (int Channel, int Milliseconds, long Value)[] _readings = new (int, int, long)[336];
    private readonly ColumnsWriter _writer = new();
    private readonly Ed25519Keys _keys = Ed25519Keys.Generate();
    private InclusionProof _proof = new([]);
    private byte[] _packed = [];
    private byte[] _key = [];
    private byte[] _signature = [];

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Prng(1);
        for (int i = 0; i < _leaf.Length; i++)
        {
            _leaf[i] = unchecked((byte)random.NextBits());
        }

        for (int i = 0; i < Minutes; i++)
        {
            _leaves[i] = MerkleTree.LeafHash(BitConverter.GetBytes(i));
            _log.Append(_leaves[i]);
        }

        // A noisy minute: 14 % of forty channels a second, values of twelve bits.
        for (int i = 0; i < _readings.Length; i++)
        {
            _readings[i] = (i % 40, ((i / 40) * 7000) + 1000, random.Below(4096));
        }

        _proof = _log.Inclusion(12_345, Minutes);
        _packed = Pack();
        _key = _keys.PublicKey;
        _signature = _keys.Sign(_leaf.AsSpan(0, 100));
        Console.WriteLine($"bytes a reading: {(double)_packed.Length / _readings.Length:0.00}");
    }

    /// <summary>64 KiB by the base library: the measure.</summary>
    [Benchmark(Baseline = true)]
    public int Sha256Of64KiB() => SHA256.HashData(_leaf, _hash);

    /// <summary>The same bytes as one leaf of a tree.</summary>
    [Benchmark]
    public Digest LeafHashOf64KiB() => MerkleTree.LeafHash(_leaf);

    /// <summary>The same bytes as a raw leaf: a tree over 64 blocks.</summary>
    [Benchmark]
    public Digest RawLeafOf64KiB() => RawLeaf.Hash(_leaf);

    /// <summary>The root over the leaf hashes of thirty days.</summary>
    [Benchmark]
    public Digest RootOfThirtyDays() => MerkleTree.Root(_leaves);

    /// <summary>A proof of one of these leaves.</summary>
    [Benchmark]
    public InclusionProof ProveInclusion() => _log.Inclusion(12_345, Minutes);

    /// <summary>The same proof verified.</summary>
    [Benchmark]
    public ProofVerdict VerifyInclusion() => _proof.Verify(12_345, _leaves[12_345], _log.Head);

    /// <summary>A reading packed.</summary>
    [Benchmark(OperationsPerInvoke = 336)]
    public byte[] Pack()
    {
        _writer.Clear();
        foreach ((int channel, int milliseconds, long value) in _readings)
        {
            _writer.Add(channel, milliseconds, value);
        }

        return _writer.ToArray();
    }

    /// <summary>A reading unpacked and checked.</summary>
    [Benchmark(OperationsPerInvoke = 336)]
    public long Unpack()
    {
        long sum = 0;
        var reader = new ColumnsReader(_packed);
        while (reader.Read())
        {
            sum += reader.Value;
        }

        return sum;
    }

    /// <summary>A checkpoint signed.</summary>
    [Benchmark]
    public byte[] Sign() => _keys.Sign(_leaf.AsSpan(0, 100));

    /// <summary>A signature verified.</summary>
    [Benchmark]
    public bool Verify() => Ed25519Keys.Verify(_key, _leaf.AsSpan(0, 100), _signature);
}
