using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.IO.Journal;
using Hanse.IO.Stores;

namespace Hanse.IO.Gateway;

/// <summary>A node says that another key speaks for it from now on.</summary>
/// <param name="Node">The node.</param>
/// <param name="Serial">The new key's number: one more than that of the key that speaks for it now.</param>
/// <param name="Key">The new key.</param>
/// <param name="ByFormer">By the key that speaks for it now, over
/// <see cref="CallSignature.OfNodeKey"/>.</param>
/// <param name="ByNew">By the new key, over the same.</param>
public readonly record struct KeyChange(
    NodeId Node, uint Serial, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> ByFormer,
    ReadOnlyMemory<byte> ByNew);

/// <summary>Which key speaks for which node, and the one-time tokens by which a key becomes a
/// node's.</summary>
/// <remarks>
/// An operator gives a machine a token when it is built; whoever shows it first, with proof of a key, is that
/// node. Tokens are kept as digests only, so a copy of the store is of no use to enrol with. A key is
/// followed by another when it has signed that, and the last one speaks for the node; what was a node's key
/// never is again. All of it is notes of the store, of which only the first of each name is ever written:
/// so of two that show a token, or name a successor, at the same time one is refused, also across processes.
/// <para>
/// A change is noted in a list besides, by which the other processes hear of it within
/// <see cref="LookEvery"/>: until then they take calls by the key before.
/// </para>
/// </remarks>
[SuppressMessage("Design", "CA1001:Types own disposable", Justification = "No wait handle is made.")]
public sealed class NodeRegistry
{
    /// <summary>Times a second that it looks into the store for a node that it does not know.</summary>
    public const int LooksPerSecond = 50;

    /// <summary>Most keys of a node, one after the other: more than one a month for eighty years.</summary>
    public const int SerialMax = 1_024;

    /// <summary>How many keys before the last are still told from a stranger's, to say so.</summary>
    public const int FormerTold = 4;

    /// <summary>How often it looks for what other processes have changed.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private const string Stranger =
        "the signature is not by the key that speaks for this node: enrol, or see that node, mission and key "
            + "belong together";

    private readonly IStreamStore _store;
    private readonly ConcurrentDictionary<NodeId, Keys> _keys = new();
    private readonly ConcurrentDictionary<NodeId, uint> _told = new();
    private readonly SemaphoreSlim _listing = new(1, 1);
    private readonly ConcurrentDictionary<NodeId, bool> _retired = new();
    private readonly Lock _looking = new();
    private long _second;
    private int _looks;
    private long _looked = Environment.TickCount64;
    private long _listed;

    private NodeRegistry(IStreamStore store) => _store = store;

    /// <summary>Number of nodes that have a key.</summary>
    public int Count => _keys.Count;

    /// <summary>Hears of a node that has a key now, once.</summary>
    public Action<NodeId>? OnEnrolled { get; set; }

    /// <summary>Hears of a node whose key has changed, or speaks for it no more.</summary>
    public Action<NodeId>? OnChanged { get; set; }

    /// <summary>Reads what a store knows.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public static async Task<NodeRegistry> LoadAsync(IStreamStore store, CancellationToken cancel = default)
    {
        var registry = new NodeRegistry(store);
        await foreach (KeyValuePair<string, string> _ in store.NotesAsync("keylist/", cancel))
        {
            registry._listed++;
        }

        var keys = new SortedDictionary<(uint Node, uint Serial), byte[]>();
        await foreach (KeyValuePair<string, string> note in store.NotesAsync("key/", cancel))
        {
            keys[PlaceOf(note.Key["key/".Length..])] = KeyIn(note.Value);
        }

        foreach (((uint node, _), byte[] key) in keys)
        {
            Keys known = registry._keys.GetValueOrDefault(new NodeId(node), Keys.None);
            registry._keys[new NodeId(node)] = known with { Chain = known.Chain.Add(key) };
        }

        await foreach (KeyValuePair<string, string> note in store.NotesAsync("revoked/", cancel))
        {
            registry.Change(NodeOf(note.Key["revoked/".Length..]), known => known with { IsRevoked = true });
        }

        await foreach (KeyValuePair<string, string> note in store.NotesAsync("rotate/", cancel))
        {
            (uint node, uint serial) = PlaceOf(note.Key["rotate/".Length..]);
            registry.Change(
                new NodeId(node), known => known with { Due = Math.Max(known.Due, serial) });
        }

        await registry.RefreshAsync(cancel);
        return registry;
    }

    /// <summary>The key that speaks for a node, or did when it was revoked; null when none does.</summary>
    public byte[]? KeyOf(NodeId node) => _keys.GetValueOrDefault(node, Keys.None).Chain is [.., var last]
        ? last : null;

    /// <summary>The number of that key, from 1; zero when there is none.</summary>
    public uint SerialOf(NodeId node) => (uint)(_keys.GetValueOrDefault(node)?.Chain.Length ?? 0);

    /// <summary>Whether an operator has taken the node's key away.</summary>
    public bool IsRevoked(NodeId node) => _keys.GetValueOrDefault(node)?.IsRevoked == true;

    /// <summary>The number of the key that the node is to replace; zero for none.</summary>
    public uint DueOf(NodeId node) =>
        _keys.GetValueOrDefault(node, Keys.None) is var known && known.Due == known.Chain.Length
            ? known.Due : 0;

    /// <summary>Whether a key is or was the node's.</summary>
    public bool Has(NodeId node, ReadOnlySpan<byte> key)
    {
        foreach (byte[] one in _keys.GetValueOrDefault(node, Keys.None).Chain)
        {
            if (key.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>By which of a node's keys something is signed: the one that speaks for it, or one of the
    /// <see cref="FormerTold"/> before it; null when by none. Cost: a verification for each.</summary>
    public byte[]? SignerOf(NodeId node, byte[] message, ReadOnlySpan<byte> signature)
    {
        ImmutableArray<byte[]> chain = _keys.GetValueOrDefault(node, Keys.None).Chain;
        for (int i = chain.Length - 1; i >= 0 && i >= chain.Length - 1 - FormerTold; i--)
        {
            if (Ed25519Keys.Verify(chain[i], message, signature))
            {
                return chain[i];
            }
        }

        return null;
    }

    /// <summary>Why something is not signed by the key that speaks for a node; null when it is.</summary>
    public string? WhyNot(NodeId node, byte[] message, ReadOnlySpan<byte> signature)
    {
        if (!_keys.TryGetValue(node, out Keys? known))
        {
            return Stranger;
        }

        if (known.IsRevoked)
        {
            return $"the key of node {node.Value} was revoked by an operator, and no key speaks for it any "
                + "more: a machine that goes on is to be invited under another number";
        }

        ImmutableArray<byte[]> chain = known.Chain;
        if (Ed25519Keys.Verify(chain[^1], message, signature))
        {
            return null;
        }

        for (int i = chain.Length - 2; i >= 0 && i >= chain.Length - 1 - FormerTold; i--)
        {
            if (Ed25519Keys.Verify(chain[i], message, signature))
            {
                return $"key {i + 1} of node {node.Value} was replaced: key {chain.Length} speaks for it now";
            }
        }

        return Stranger;
    }

    /// <summary>Looks whether a node that it does not know has a key by now: another process of the same
    /// store may have given it one.</summary>
    /// <returns>Whether that is known: false when too many ask, or the store cannot be read.</returns>
    public async Task<bool> LookAsync(NodeId node, CancellationToken cancel = default)
    {
        lock (_looking)
        {
            long second = Environment.TickCount64 / 1_000;
            _looks = second == _second ? _looks + 1 : 1;
            _second = second;
            if (_looks > LooksPerSecond)
            {
                return false;
            }
        }

        try
        {
            await ReadAsync(node, cancel);
            return true;
        }
        catch (StoreException)
        {
            return false;
        }
    }

    /// <summary>Looks, now and then and without anybody waiting, for what other processes have
    /// changed.</summary>
    public void LookAgain()
    {
        long now = Environment.TickCount64;
        long looked = Volatile.Read(ref _looked);
        if (now - looked >= (long)LookEvery.TotalMilliseconds
            && Interlocked.CompareExchange(ref _looked, now, looked) == looked)
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await ListenAsync();
                }
                catch (Exception failure) when (failure is StoreException or ObjectDisposedException)
                {
                    // The next look may do better.
                }
            });
        }
    }

    /// <summary>Makes a token for a node.</summary>
    /// <returns>The token: the only copy there is.</returns>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public async Task<byte[]> IssueAsync(NodeId node, CancellationToken cancel = default)
    {
        byte[] token = RandomNumberGenerator.GetBytes(CallSignature.TokenLength);
        _ = await _store.NoteAsync("token/" + NameOf(token), Text(node), cancel);
        return token;
    }

    /// <summary>Takes a token in exchange for a key's right to speak for its node.</summary>
    /// <returns>The node; null, with the reason, when the token is not good for this key.</returns>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<(NodeId? Node, string? Refused)> RedeemAsync(
        ReadOnlyMemory<byte> token, ReadOnlyMemory<byte> publicKey, ReadOnlyMemory<byte> signature,
        CancellationToken cancel = default)
    {
        if (token.Length != CallSignature.TokenLength || publicKey.Length != Enrol.PublicKeyLength)
        {
            return (null, "a token and a key have 32 bytes each");
        }

        if (!Ed25519Keys.Verify(publicKey.Span, CallSignature.OfEnrolment(token.Span), signature.Span))
        {
            return (null, "the signature is not by that key over that token");
        }

        string name = NameOf(token.Span);
        if (await _store.NoteAsync("token/" + name, cancel) is not { } text)
        {
            return (null, "there is no such token");
        }

        NodeId node = NodeOf(text);
        await ReadAsync(node, cancel);
        if (await IsRetiredAsync(node, cancel))
        {
            return (null, $"node {node.Value} is retired: its number is nobody's any more");
        }

        if (IsRevoked(node))
        {
            return (null, $"the number {node.Value} was revoked: ask for a token for another");
        }

        string key = Convert.ToHexStringLower(publicKey.Span);
        string first = await _store.NoteAsync("used/" + name, key, cancel);
        string holder = first == key ? await _store.NoteAsync("key/" + Text(node), key, cancel) : first;
        if (holder != key)
        {
            return (null, "the token was used by another key: ask for a new one");
        }

        await ReadAsync(node, cancel);
        return (node, null);
    }

    /// <summary>Has another key speak for a node from now on.</summary>
    /// <returns>Why not; null when it does, also when it did before.</returns>
    /// <exception cref="StoreException">The store cannot be read or written: nobody knows.</exception>
    public async Task<string?> ChangeAsync(
        ReadOnlyMemory<byte> mission, KeyChange change, CancellationToken cancel = default)
    {
        if (change.Key.Length != Enrol.PublicKeyLength || change.Serial is < 2 or > SerialMax)
        {
            return $"a key has 32 bytes, and a node's next one a number from 2 to {SerialMax}";
        }

        bool isBehind = change.Serial > SerialOf(change.Node) + 1;
        if (isBehind && !await LookAsync(change.Node, cancel))
        {
            throw new StoreException("too many strangers call: come again later");
        }

        if (!_keys.TryGetValue(change.Node, out Keys? known) || change.Serial > known.Chain.Length + 1)
        {
            return $"key {change.Serial} is not the next of node {change.Node.Value}, which has "
                + $"{SerialOf(change.Node)}";
        }

        if (known.IsRevoked)
        {
            return $"the key of node {change.Node.Value} was revoked by an operator";
        }

        byte[] former = known.Chain[(int)change.Serial - 2];
        byte[] signed = CallSignature.OfNodeKey(
            mission.Span, change.Node.Value, change.Serial, former, change.Key.Span);
        if (!Ed25519Keys.Verify(former, signed, change.ByFormer.Span)
            || !Ed25519Keys.Verify(change.Key.Span, signed, change.ByNew.Span))
        {
            return $"it takes the signatures of key {change.Serial - 1} of node {change.Node.Value} and of "
                + "the new one, over the same";
        }

        bool isNew = change.Serial == known.Chain.Length + 1;
        if (isNew && Has(change.Node, change.Key.Span))
        {
            return $"node {change.Node.Value} has had that key before: make a new one";
        }

        if (isNew)
        {
            string note = $"{Convert.ToHexStringLower(change.Key.Span)} "
                + $"{Convert.ToHexStringLower(change.ByFormer.Span)} "
                + Convert.ToHexStringLower(change.ByNew.Span);
            _ = await _store.NoteAsync(NameOf(change.Node, change.Serial), note, cancel);
            await ReadAsync(change.Node, cancel);
            if (IsRevoked(change.Node))
            {
                return $"the key of node {change.Node.Value} was revoked by an operator";
            }
        }

        if (!change.Key.Span.SequenceEqual(_keys[change.Node].Chain[(int)change.Serial - 1]))
        {
            return $"key {change.Serial - 1} of node {change.Node.Value} has named another key "
                + $"{change.Serial} before: the first counts. If that was not this machine, have its number "
                + "revoked";
        }

        // Once more after a start, since it may have been here that the last process failed; not each time
        // that somebody plays it.
        if (change.Serial == SerialOf(change.Node) && _told.GetValueOrDefault(change.Node) < change.Serial)
        {
            await ListAsync(change.Node, cancel);
            _told[change.Node] = change.Serial;
        }

        return null;
    }

    /// <summary>Asks a node to replace its key.</summary>
    /// <returns>The number of the key that is to be replaced.</returns>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<uint> OrderChangeAsync(NodeId node, CancellationToken cancel = default)
    {
        await ReadAsync(node, cancel);
        uint serial = SerialOf(node);
        if (serial > 0)
        {
            _ = await _store.NoteAsync(string.Create(
                CultureInfo.InvariantCulture, $"rotate/{node.Value}/{serial}"), "1", cancel);
            await ReadAsync(node, cancel);
            await ListAsync(node, cancel);
        }

        return serial;
    }

    /// <summary>Takes a node's key away, and its number, for good; also the number of one that has no key
    /// yet, with all tokens for it.</summary>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task RevokeAsync(NodeId node, CancellationToken cancel = default)
    {
        _ = await _store.NoteAsync("revoked/" + Text(node), "1", cancel);
        await ReadAsync(node, cancel);
        await ListAsync(node, cancel);
    }

    // What the store knows of one node.
    private async Task ReadAsync(NodeId node, CancellationToken cancel)
    {
        ImmutableArray<byte[]> chain = _keys.GetValueOrDefault(node, Keys.None).Chain;
        while (await _store.NoteAsync(NameOf(node, (uint)chain.Length + 1), cancel) is { } next)
        {
            chain = chain.Add(KeyIn(next));
        }

        bool isRevoked = await _store.NoteAsync("revoked/" + Text(node), cancel) is not null;
        if (chain.IsEmpty && !isRevoked)
        {
            return;
        }

        bool isDue = await _store.NoteAsync(string.Create(
            CultureInfo.InvariantCulture, $"rotate/{node.Value}/{chain.Length}"), cancel) is not null;
        bool isKnown = KeyOf(node) is not null || chain.IsEmpty;
        Change(node, known => new Keys(
            chain.Length > known.Chain.Length ? chain : known.Chain, known.IsRevoked || isRevoked,
            isDue ? Math.Max(known.Due, (uint)chain.Length) : known.Due));
        if (!isKnown)
        {
            OnEnrolled?.Invoke(node);
        }
    }

    private void Change(NodeId node, Func<Keys, Keys> change)
    {
        Keys? before = null;
        Keys after = _keys.AddOrUpdate(
            node, _ => change(Keys.None), (_, known) => change(before = known));
        if (before is not null
            && (before.Chain.Length != after.Chain.Length || before.IsRevoked != after.IsRevoked))
        {
            OnChanged?.Invoke(node);
        }
    }

    // Tells the other processes, behind everything that they have told.
    private async Task ListAsync(NodeId node, CancellationToken cancel)
    {
        string mine = $"{Text(node)} {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        await _listing.WaitAsync(cancel);
        try
        {
            while (await _store.NoteAsync(Listed(_listed + 1), mine, cancel) is var held)
            {
                _listed++;
                if (held == mine)
                {
                    return;
                }

                await ReadAsync(NodeOf(held.Split(' ')[0]), cancel);
            }
        }
        finally
        {
            _ = _listing.Release();
        }
    }

    private async Task ListenAsync()
    {
        await _listing.WaitAsync();
        try
        {
            while (await _store.NoteAsync(Listed(_listed + 1)) is { } told)
            {
                await ReadAsync(NodeOf(told.Split(' ')[0]), default);
                _listed++;
            }
        }
        finally
        {
            _ = _listing.Release();
        }
    }

    private static string Listed(long place) =>
        "keylist/" + place.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether a node's service is over, as far as this process has heard.</summary>
    public bool IsRetired(NodeId node) => _retired.ContainsKey(node);

    /// <summary>Why a key cannot speak for a number, as far as this process knows; null when it may, or
    /// does.</summary>
    public string? WhyNotBind(NodeId node, ReadOnlySpan<byte> publicKey)
    {
        if (IsRetired(node))
        {
            return $"node {node.Value} is retired: its number is nobody's any more";
        }

        if (IsRevoked(node))
        {
            return $"the number {node.Value} was revoked by an operator";
        }

        if (KeyOf(node) is { } holder)
        {
            return publicKey.SequenceEqual(holder)
                ? null : $"number {node.Value} is another node's, or another machine's";
        }

        foreach (NodeId other in _keys.Keys)
        {
            if (Has(other, publicKey))
            {
                return $"the key is that of node {other.Value}";
            }
        }

        return null;
    }

    /// <summary>Lets a key speak for a number that its hub has said is its own.</summary>
    /// <returns>Null, or why it may not: somebody was first.</returns>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<string?> BindAsync(
        NodeId node, ReadOnlyMemory<byte> publicKey, CancellationToken cancel = default)
    {
        if (await IsRetiredAsync(node, cancel))
        {
            return $"node {node.Value} is retired: its number is nobody's any more";
        }

        string key = Convert.ToHexStringLower(publicKey.Span);
        string first = await _store.NoteAsync("born/" + key, Text(node), cancel);
        if (first != Text(node))
        {
            return $"the key is that of node {first}";
        }

        if (await _store.NoteAsync("key/" + Text(node), key, cancel) != key)
        {
            return $"number {node.Value} is another node's, or another machine's";
        }

        await ReadAsync(node, cancel);
        return IsRevoked(node) ? $"the number {node.Value} was revoked by an operator" : null;
    }

    /// <summary>A node's service is over: its key speaks for nothing from now on. Written by whoever runs its
    /// hub; other processes of the store hear of it by <see cref="RefreshAsync"/>.</summary>
    /// <exception cref="StoreException">The store cannot be written.</exception>
    public async Task RetireAsync(NodeId node, CancellationToken cancel = default)
    {
        if (!IsRetired(node))
        {
            await RetireAsync(_store, node, cancel);
            _retired[node] = true;
        }
    }

    /// <summary>Writes down that a node's service is over.</summary>
    /// <exception cref="StoreException">The store cannot be written.</exception>
    public static async Task RetireAsync(
        IStreamStore store, NodeId node, CancellationToken cancel = default) =>
        _ = await store.NoteAsync("retired/" + Text(node), "1", cancel);

    /// <summary>Reads which nodes are retired by now.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task RefreshAsync(CancellationToken cancel = default)
    {
        await foreach (KeyValuePair<string, string> note in _store.NotesAsync("retired/", cancel))
        {
            _retired[NodeOf(note.Key["retired/".Length..])] = true;
        }
    }

    private async Task<bool> IsRetiredAsync(NodeId node, CancellationToken cancel) =>
        IsRetired(node) || await _store.NoteAsync("retired/" + Text(node), cancel) is not null;

    private static string NameOf(ReadOnlySpan<byte> token) =>
        Convert.ToHexStringLower(SHA256.HashData(token));

    // The first key has the name that it had before there were others.
    private static string NameOf(NodeId node, uint serial) => serial == 1
        ? "key/" + Text(node)
        : string.Create(CultureInfo.InvariantCulture, $"key/{node.Value}/{serial}");

    private static (uint Node, uint Serial) PlaceOf(string name)
    {
        uint[] parts = [.. name.Split('/').Select(part => uint.Parse(part, CultureInfo.InvariantCulture))];
        return (parts[0], parts.Length > 1 ? parts[1] : 1);
    }

    private static byte[] KeyIn(string note) => Convert.FromHexString(note.Split(' ')[0]);

    private static string Text(NodeId node) => node.Value.ToString(CultureInfo.InvariantCulture);

    private static NodeId NodeOf(string text) => new(uint.Parse(text, CultureInfo.InvariantCulture));

    // All keys of a node, the last of which speaks for it.
    private sealed record Keys(ImmutableArray<byte[]> Chain, bool IsRevoked, uint Due)
    {
        public static readonly Keys None = new([], IsRevoked: false, 0);
    }
}
