using System;
using System.Threading;
using Hanse.IO.Journal;

namespace Hanse.Agent;

/// <summary>What a node remembers of its keys.</summary>
/// <param name="First">The public half of the first, with which its journal began.</param>
/// <param name="Serial">The number of the one that speaks for it, from 1.</param>
/// <param name="Own">That one, 32 bytes.</param>
/// <param name="Next">The one after it, while the gateway has not said that it is taken.</param>
/// <param name="Former">The one before it, while the journal still needs its signature.</param>
/// <param name="Since">Since when the one that speaks for it does.</param>
public sealed record NodeKeyState(
    byte[] First, uint Serial, byte[] Own, byte[]? Next, byte[]? Former, DateTimeOffset Since);

/// <summary>A node's keys: the one that speaks for it, and on the way from one to the next, both.</summary>
/// <remarks>
/// <code>
/// own ---> own, next ---> own (that was next), former ---> own
///    made and kept   the gateway has taken it      the journal needs the former no more
/// </code>
/// Each step is on the disk before anybody hears of it, so a crash at any moment leaves a key that speaks for
/// the node: until the gateway has said that the next one is taken, both are kept, and it is asked again. No
/// other change begins before one has ended. What is dropped is not written any more; that it is gone from
/// the disk for good is beyond a program. All members may be called from any thread.
/// </remarks>
public sealed class NodeKeys
{
    private readonly Lock _gate = new();
    private readonly Action<NodeKeyState> _keep;
    private readonly TimeProvider _time;
    private NodeKeyState _state;
    private Ed25519Keys _own;
    private Ed25519Keys? _next;
    private Ed25519Keys? _former;

    /// <summary>A node's.</summary>
    /// <param name="state">What was kept.</param>
    /// <param name="keep">Keeps a state, all or nothing, durably.</param>
    /// <param name="time">The clock on the wall.</param>
    /// <exception cref="ArgumentException">A key is none.</exception>
    public NodeKeys(NodeKeyState state, Action<NodeKeyState> keep, TimeProvider? time = null)
    {
        _state = state;
        _keep = keep;
        _time = time ?? TimeProvider.System;
        _own = Import(state.Own);
        _next = state.Next is null ? null : Import(state.Next);
        _former = state.Former is null ? null : Import(state.Former);
    }

    /// <summary>The keys of a node that has one and keeps it elsewhere; others are kept in memory
    /// only.</summary>
    public NodeKeys(Ed25519Keys own)
        : this(new NodeKeyState(own.PublicKey, 1, own.ExportSeed(), null, null, default), _ => { })
    {
    }

    /// <summary>The public half of its first.</summary>
    public byte[] First => _state.First;

    /// <summary>The number of the one that speaks for it, and that one.</summary>
    public (uint Serial, Ed25519Keys Key) Own
    {
        get
        {
            lock (_gate)
            {
                return (_state.Serial, _own);
            }
        }
    }

    /// <summary>The one after it, which the gateway is to be told; null when there is none.</summary>
    public Ed25519Keys? Next
    {
        get
        {
            lock (_gate)
            {
                return _next;
            }
        }
    }

    /// <summary>Whether the journal still needs the one before.</summary>
    public bool IsUnsettled
    {
        get
        {
            lock (_gate)
            {
                return _former is not null;
            }
        }
    }

    /// <summary>Since when the one that speaks for it does.</summary>
    public DateTimeOffset Since
    {
        get
        {
            lock (_gate)
            {
                return _state.Since;
            }
        }
    }

    /// <summary>Makes the key after one, unless that has happened, or a change is under way.</summary>
    /// <param name="serial">The number of the one that is to be replaced; zero for the one that speaks for
    /// it, whatever its number.</param>
    /// <returns>Whether there is one now that the gateway has to be told.</returns>
    /// <exception cref="System.IO.IOException">It cannot be kept.</exception>
    public bool Begin(uint serial = 0)
    {
        lock (_gate)
        {
            if (_next is null && _former is null && (serial == 0 || serial == _state.Serial))
            {
                using Ed25519Keys made = Ed25519Keys.Generate();
                byte[] seed = made.ExportSeed();
                Keep(_state with { Next = seed });
                _next = Import(seed);
            }

            return _next is not null;
        }
    }

    /// <summary>The gateway has said that a key speaks for the node.</summary>
    /// <exception cref="System.IO.IOException">It cannot be kept.</exception>
    public void Taken(Ed25519Keys next)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(next, _next))
            {
                return;
            }

            Keep(_state with
            {
                Serial = _state.Serial + 1,
                Own = _state.Next!,
                Next = null,
                Former = _state.Own,
                Since = _time.GetUtcNow(),
            });
            (_former, _own, _next) = (_own, next, null);
        }
    }

    /// <summary>The journal needs no other key than this one.</summary>
    /// <exception cref="System.IO.IOException">It cannot be kept.</exception>
    public void Settled(ReadOnlySpan<byte> publicKey)
    {
        lock (_gate)
        {
            if (_former is not null && publicKey.SequenceEqual(_own.PublicKey))
            {
                Keep(_state with { Former = null });
                _former = null;
            }
        }
    }

    /// <summary>Signs by the one of its keys that has this public half.</summary>
    /// <returns>Null when it has none such, or not any more.</returns>
    public byte[]? Sign(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            return publicKey.SequenceEqual(_own.PublicKey) ? _own.Sign(message)
                : _former is not null && publicKey.SequenceEqual(_former.PublicKey) ? _former.Sign(message)
                : null;
        }
    }

    private void Keep(NodeKeyState state)
    {
        _keep(state);
        _state = state;
    }

    private static Ed25519Keys Import(byte[] seed) =>
        Ed25519Keys.TryImport(seed, out Ed25519Keys? key)
            ? key : throw new ArgumentException($"a key has {Ed25519Keys.SeedLength} bytes");
}
