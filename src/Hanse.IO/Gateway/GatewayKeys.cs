using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Journal;
using Hanse.IO.Stores;

namespace Hanse.IO.Gateway;

/// <summary>A key that answers are signed with, as it is told to nodes.</summary>
/// <param name="Serial">Its number, from 1.</param>
/// <param name="Key">Its public half.</param>
/// <param name="Signature">By the key before it; empty for the first.</param>
public sealed record GatewayKeyStatement(uint Serial, byte[] Key, byte[] Signature);

/// <summary>The keys that a mission signs its answers with: the one in use, and how one vouches for the
/// next.</summary>
/// <remarks>
/// The problem: all processes of a cluster answer alike, nobody hands keys around between them, and two that
/// change the key at once must agree. The idea: a private key is made of the secret that all processes have
/// and of a salt that is a note of the store, of which only the first of each number is ever written. So
/// neither the secret alone nor a copy of the store is enough to answer, and a process that hears of a number
/// makes the same key. A process looks every few seconds, and at once when a node knows more than it does.
/// All members may be called from any thread.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types own disposable", Justification = "No wait handle is made.")]
public sealed class GatewayKeys
{
    /// <summary>Most keys of a mission: all are told to a node that knows none.</summary>
    public const int SerialMax = 64;

    private const int SaltLength = 16;
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _lookAtMost = TimeSpan.FromSeconds(1);

    private readonly IStreamStore _store;
    private readonly ReadOnlyMemory<byte> _mission;
    private readonly Func<string, Ed25519Keys> _keyOf;
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile Chain _chain = new(null!, []);
    private long _looked = Environment.TickCount64;

    private GatewayKeys(IStreamStore store, ReadOnlyMemory<byte> mission, Func<string, Ed25519Keys> keyOf)
    {
        _store = store;
        _mission = mission;
        _keyOf = keyOf;
    }

    /// <summary>Which mission it is.</summary>
    public ReadOnlyMemory<byte> Mission => _mission;

    /// <summary>The number of the key in use.</summary>
    public uint Serial => (uint)_chain.Told.Length;

    /// <summary>The public half of the key in use.</summary>
    public byte[] Key => _chain.Told[^1].Key;

    /// <summary>Reads which keys a mission has; makes the first when it has none.</summary>
    /// <param name="store">Where that is noted.</param>
    /// <param name="mission">Which mission.</param>
    /// <param name="keyOf">Makes a key of a name and this server's secret.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="StoreException">The store cannot be used, or was written with another
    /// secret.</exception>
    public static async Task<GatewayKeys> OpenAsync(
        IStreamStore store, ReadOnlyMemory<byte> mission, Func<string, Ed25519Keys> keyOf,
        CancellationToken cancel = default)
    {
        var keys = new GatewayKeys(store, mission, keyOf);
        await keys.ReadAsync(cancel);
        if (keys.Serial == 0)
        {
            await keys.MakeAsync(cancel);
        }

        return keys;
    }

    /// <summary>Puts another key in the place of one.</summary>
    /// <param name="serial">The number of the one that is to be replaced: when it has been, nothing is done,
    /// so the order may be repeated.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Why not; null when it is done.</returns>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task<string?> ReplaceAsync(uint serial, CancellationToken cancel = default)
    {
        await _one.WaitAsync(cancel);
        try
        {
            await ReadAsync(cancel);
            if (serial == 0 || serial > Serial)
            {
                return $"the key in use has the number {Serial}";
            }

            if (serial == Serial && serial >= SerialMax)
            {
                return $"a mission has at most {SerialMax} keys for its answers, one after the other";
            }

            if (serial == Serial)
            {
                await MakeAsync(cancel);
            }

            return null;
        }
        finally
        {
            _ = _one.Release();
        }
    }

    /// <summary>Signs.</summary>
    /// <param name="message">What, by the number of the key that signs.</param>
    /// <param name="known">The number of the newest key that the node has.</param>
    /// <param name="newer">The keys after that, up to the one that has signed.</param>
    public byte[] Sign(
        Func<uint, byte[]> message, uint known, out ImmutableArray<GatewayKeyStatement> newer)
    {
        LookAgain(known);
        Chain chain = _chain;
        newer = known >= chain.Told.Length ? [] : chain.Told[(int)known..];
        return chain.Own.Sign(message((uint)chain.Told.Length));
    }

    private void LookAgain(uint known)
    {
        long now = Environment.TickCount64;
        long looked = Volatile.Read(ref _looked);
        TimeSpan pause = known > Serial ? _lookAtMost : _lookEvery;
        if (now - looked >= (long)pause.TotalMilliseconds
            && Interlocked.CompareExchange(ref _looked, now, looked) == looked)
        {
            _ = Task.Run(LookAsync);
        }
    }

    private async Task LookAsync()
    {
        await _one.WaitAsync();
        try
        {
            await ReadAsync(default);
        }
        catch (StoreException)
        {
            // The next look may do better; until then the key that is known is good.
        }
        catch (ObjectDisposedException)
        {
            // The server ends.
        }
        finally
        {
            _ = _one.Release();
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        while (await _store.NoteAsync(NameOf(Serial + 1), cancel) is { } note)
        {
            Take(note);
        }
    }

    // Of two that make one at once, the first writer's salt is both's.
    private async Task MakeAsync(CancellationToken cancel)
    {
        uint serial = Serial + 1;
        string salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SaltLength));
        using Ed25519Keys made = _keyOf(DerivedName(serial, salt));
        byte[] signature = serial == 1
            ? [] : _chain.Own.Sign(CallSignature.OfGatewayKey(_mission.Span, serial, made.PublicKey));
        string note = $"{salt} {Convert.ToHexStringLower(made.PublicKey)} "
            + Convert.ToHexStringLower(signature);
        Take(await _store.NoteAsync(NameOf(serial), note, cancel));
    }

    // The key before stays in memory: an answer may be under way that is being signed with it.
    private void Take(string note)
    {
        string[] words = note.Split(' ');
        uint serial = Serial + 1;
        Ed25519Keys own = _keyOf(DerivedName(serial, words[0]));
        if (words.Length != 3 || Convert.ToHexStringLower(own.PublicKey) != words[1])
        {
            own.Dispose();
            throw new StoreException(
                "the key of this mission's answers was made with another secret: put back the file "
                    + "'secret' with which it began, or that the other processes have");
        }

        var told = new GatewayKeyStatement(serial, own.PublicKey, Convert.FromHexString(words[2]));
        _chain = new Chain(own, _chain.Told.Add(told));
    }

    private static string NameOf(uint serial) =>
        "gateway/" + serial.ToString(CultureInfo.InvariantCulture);

    private static string DerivedName(uint serial, string salt) =>
        string.Create(CultureInfo.InvariantCulture, $"gateway/{serial}/{salt}");

    private sealed record Chain(Ed25519Keys Own, ImmutableArray<GatewayKeyStatement> Told);
}
