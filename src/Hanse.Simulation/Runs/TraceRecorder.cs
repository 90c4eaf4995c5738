using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Simulation.Runs;

/// <summary>The trace of a run as canonical text, hashed as it is written.</summary>
/// <remarks>
/// A step is a line with the true time, the machine, its own clock and the input; then a line for each fact
/// and each effect, indented. The simulating thread only notes what happened; another makes text of it,
/// hashes it, and writes it when asked to: what machines take and give is never changed afterwards, and the
/// hash depends on its order only. A fixed number of pages goes round; when all are full the simulation
/// waits.
/// </remarks>
internal sealed class TraceRecorder : IDisposable
{
    private const int PageItems = 2_048;
    private const int Pages = 8;
    private const int BufferBytes = 1 << 20;

    private readonly BlockingCollection<Page> _full = new(Pages);
    private readonly BlockingCollection<Page> _empty = new(Pages);
#pragma warning disable CA2213 // The copy belongs to whoever asked for it.
    private readonly Stream? _copy;
#pragma warning restore CA2213
    private readonly Task<string> _writing;
    private Page _page = new();

    public TraceRecorder(Stream? copy)
    {
        _copy = copy;
        for (int i = 1; i < Pages; i++)
        {
            _empty.Add(new Page());
        }

        _writing = Task.Factory.StartNew(
            Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Notes the input of a step.</summary>
    public void Input(long truth, Party machine, Instant local, object input) =>
        Add(new Item(input, truth, machine, local));

    /// <summary>Notes one fact or effect of the step.</summary>
    public void Outcome(object outcome) => Add(new Item(outcome, 0, default, default));

    /// <summary>Ends the trace.</summary>
    /// <returns>SHA-256 of all of it, in lower-case hex.</returns>
    public string Finish()
    {
        HandOver();
        _full.CompleteAdding();
        return _writing.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_full.IsAddingCompleted)
        {
            _full.CompleteAdding();
        }

        _ = Task.WhenAny(_writing).GetAwaiter().GetResult(); // Its failure was or will be told elsewhere.
        _full.Dispose();
        _empty.Dispose();
    }

    private void Add(in Item item)
    {
        _page.Items[_page.Count++] = item;
        if (_page.Count == PageItems)
        {
            HandOver();
        }
    }

    private void HandOver()
    {
        _full.Add(_page);
        while (!_empty.TryTake(out _page!, TimeSpan.FromSeconds(1)))
        {
            if (_writing.IsFaulted)
            {
                _writing.GetAwaiter().GetResult(); // The writer failed; say how.
            }
        }
    }

    private string Write()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new ByteBuffer();
        foreach (Page page in _full.GetConsumingEnumerable())
        {
            foreach (Item item in page.Items.AsSpan(0, page.Count))
            {
                Append(buffer, item);
                if (buffer.Length >= BufferBytes)
                {
                    Flush(buffer, hash);
                }
            }

            page.Clear();
            _empty.Add(page);
        }

        Flush(buffer, hash);
        _copy?.Flush();
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Flush(ByteBuffer buffer, IncrementalHash hash)
    {
        hash.AppendData(buffer.Written);
        _copy?.Write(buffer.Written);
        buffer.Clear();
    }

    private static void Append(ByteBuffer buffer, in Item item)
    {
        switch (item.What)
        {
            case NodeInput input:
                AppendHead(buffer, item);
                TraceText.Append(buffer, input);
                break;
            case HubInput input:
                AppendHead(buffer, item);
                TraceText.Append(buffer, input);
                break;
            case StrategyInput input:
                AppendHead(buffer, item);
                TraceText.Append(buffer, input);
                break;
            case NodeFact fact:
                buffer.AddAscii("  persist ");
                TraceText.Append(buffer, fact);
                break;
            case HubFact fact:
                buffer.AddAscii("  persist ");
                TraceText.Append(buffer, fact);
                break;
            case StrategyFact fact:
                buffer.AddAscii("  persist ");
                TraceText.Append(buffer, fact);
                break;
            case NodeEffect effect:
                buffer.AddAscii("  ");
                TraceText.Append(buffer, effect);
                break;
            case HubEffect effect:
                buffer.AddAscii("  ");
                TraceText.Append(buffer, effect);
                break;
            case StrategyEffect effect:
                buffer.AddAscii("  ");
                TraceText.Append(buffer, effect);
                break;
            default:
                throw new UnreachableException($"no machine takes or gives {item.What}");
        }

        buffer.Add((byte)'\n');
    }

    private static void AppendHead(ByteBuffer buffer, in Item item)
    {
        buffer.AddDecimal(item.Truth);
        buffer.Add((byte)' ');
        buffer.AddAscii(item.Machine.Kind switch
        {
            PartyKind.Strategy => "strategy",
            PartyKind.Hub => "hub-",
            _ => "node-",
        });
        if (item.Machine.Kind != PartyKind.Strategy)
        {
            buffer.AddDecimal(item.Machine.Number);
        }

        buffer.Add((byte)' ');
        buffer.AddDecimal(item.Local.Micros);
        buffer.Add((byte)' ');
    }

    // Of an outcome, what it is; of an input, who took it and when as well.
    private readonly record struct Item(object What, long Truth, Party Machine, Instant Local);

    private sealed class Page
    {
        public Item[] Items { get; } = new Item[PageItems];

        public int Count { get; set; }

        // What was written is not held on to.
        public void Clear()
        {
            Array.Clear(Items, 0, Count);
            Count = 0;
        }
    }
}
