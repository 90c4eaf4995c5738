using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.IO.Journal;
using Hanse.IO.Stores;

namespace Hanse.IO.Gateway;

/// <summary>Which key speaks for which node, and the one-time tokens by which a key becomes a
/// node's.</summary>
/// <remarks>
/// An operator gives a machine a token when it is built; whoever shows it first, with proof of a key, is that
/// node for life. Tokens are kept as digests only, so a copy of the store is of no use to enrol with. Both
/// are notes of the store, of which only the first of each name is ever written: so of two that show a
/// token at the same time one is refused, also across processes.
/// </remarks>
public sealed class NodeRegistry
{
    /// <summary>Times a second that it looks into the store for a node that it does not know.</summary>
    public const int LooksPerSecond = 50;

    private readonly IStreamStore _store;
    private readonly ConcurrentDictionary<NodeId, byte[]> _keys = new();
    private readonly Lock _looking = new();
    private long _second;
    private int _looks;

    private NodeRegistry(IStreamStore store) => _store = store;

    /// <summary>Number of nodes that have a key.</summary>
    public int Count => _keys.Count;

    /// <summary>Hears of a node that has a key now, once.</summary>
    public Action<NodeId>? OnEnrolled { get; set; }

    /// <summary>Reads what a store knows.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public static async Task<NodeRegistry> LoadAsync(IStreamStore store, CancellationToken cancel = default)
    {
        var registry = new NodeRegistry(store);
        await foreach (KeyValuePair<string, string> note in store.NotesAsync("key/", cancel))
        {
            registry._keys[NodeOf(note.Key["key/".Length..])] = Convert.FromHexString(note.Value);
        }

        return registry;
    }

    /// <summary>The key that speaks for a node; null when none does.</summary>
    public byte[]? KeyOf(NodeId node) => _keys.GetValueOrDefault(node);

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
            if (await _store.NoteAsync("key/" + Text(node), cancel) is { } key)
            {
                _keys[node] = Convert.FromHexString(key);
            }

            return true;
        }
        catch (StoreException)
        {
            return false;
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
        string key = Convert.ToHexStringLower(publicKey.Span);
        string first = await _store.NoteAsync("used/" + name, key, cancel);
        string holder = first == key ? await _store.NoteAsync("key/" + Text(node), key, cancel) : first;
        if (holder != key)
        {
            return (null, "the token was used by another key: ask for a new one");
        }

        if (_keys.TryAdd(node, publicKey.ToArray()))
        {
            OnEnrolled?.Invoke(node);
        }

        return (node, null);
    }

    private static string NameOf(ReadOnlySpan<byte> token) =>
        Convert.ToHexStringLower(SHA256.HashData(token));

    private static string Text(NodeId node) => node.Value.ToString(CultureInfo.InvariantCulture);

    private static NodeId NodeOf(string text) => new(uint.Parse(text, CultureInfo.InvariantCulture));
}
