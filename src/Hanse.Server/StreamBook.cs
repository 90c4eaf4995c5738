using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using Hanse.Core.Identity;
using Hanse.IO.Runtime;

namespace Hanse.Server;

/// <summary>Which nodes have a stream open: one each, the latest.</summary>
/// <remarks>A connection whose other end is gone without a word may look open for minutes; the node that
/// comes again must not have to wait for that.</remarks>
internal sealed class StreamBook
{
    private readonly ConcurrentDictionary<NodeId, CancellationTokenSource> _streams = new();

    /// <summary>Streams that are open.</summary>
    public int Count => _streams.Count;

    /// <summary>A node has opened one; the one before ends.</summary>
    public void Enter(NodeId node, CancellationTokenSource stream)
    {
        CancellationTokenSource? before = null;
        _ = _streams.AddOrUpdate(
            node,
            _ =>
            {
                before = null; // The one seen in an attempt before this has left in between.
                return stream;
            },
            (_, held) =>
            {
                before = held;
                return stream;
            });
        if (before is null)
        {
            Measures.Streams.Add(1);
        }

        try
        {
            before?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Ends a node's stream: whoever holds it has to show who he is.</summary>
    public void End(NodeId node)
    {
        try
        {
            _streams.GetValueOrDefault(node)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>A node's stream is over.</summary>
    public void Leave(NodeId node, CancellationTokenSource stream)
    {
        if (_streams.TryRemove(new KeyValuePair<NodeId, CancellationTokenSource>(node, stream)))
        {
            Measures.Streams.Add(-1);
        }
    }
}
