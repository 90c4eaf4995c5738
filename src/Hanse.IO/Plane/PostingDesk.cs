using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Wire;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.IO.Plane;

/// <summary>What became of a posting.</summary>
public enum PostingVerdict
{
    /// <summary>The strategic layer has posted it.</summary>
    Posted = 1,

    /// <summary>It was posted before, under this name; nothing was done.</summary>
    Repeated = 2,

    /// <summary>Something else was ordered under this name; nothing was done.</summary>
    Contradicted = 3,

    /// <summary>The strategic layer did not take it: its region has no authority any more, or a return that
    /// waits for an operator. The name is used up.</summary>
    NotTaken = 4,
}

/// <summary>A posting and its number.</summary>
/// <param name="Bounty">The number under which it was, or would have been, posted.</param>
/// <param name="Verdict">What became of it.</param>
public readonly record struct Posting(BountyId Bounty, PostingVerdict Verdict);

/// <summary>Gives bounties their numbers, so that an order that comes again is the same order.</summary>
/// <remarks>
/// The problem: the strategic layer knows a repeated order by its number, and takes numbers in rising order
/// only, while orders come from a plan and from several people who repeat what they got no answer to. The
/// idea: whoever orders gives a name; the desk gives the number, and notes both with the whole order before
/// it tells the strategic layer. A name that is known is never ordered twice; an order that was noted and
/// perhaps not told, since the process ended or the strategic layer was being started, is told before any
/// later one, so that no greater number overtakes it.
/// <para>
/// Notes: <c>order/NAME</c>, the number, the region and the bounty; <c>order/NAME/outcome</c>, what became of
/// it. One desk gives orders at a time; nothing here guards against two. At most <see cref="WaitingMax"/>
/// orders wait; more are refused. All members may be called from any thread.
/// </para>
/// <para>
/// Programs before 0.12 told a plan's bounties by the plan's own numbers and noted nothing. Every number that
/// a desk tells is noted first, so such a number is known by this: the strategic layer has it, and no desk
/// has given it. The bounty is noted then as what it is, posted, and not ordered again.
/// </para>
/// </remarks>
public sealed class PostingDesk(IControlPlane plane, IStreamStore store) : IDisposable
{
    /// <summary>Most orders that wait at once.</summary>
    public const int WaitingMax = 64;

    /// <summary>Longest name.</summary>
    public const int NameLengthMax = 64;

    /// <summary>How often an order is told to a strategic layer that fails over it.</summary>
    public const int AttemptsMax = 5;

    /// <summary>What the names of a plan's own orders begin with; no operator's does.</summary>
    public const string PlanPrefix = "plan.";

    private const string Prefix = "order/";
    private const string OutcomeSuffix = "/outcome";
    private const string Taken = "posted";
    private const string Left = "not taken";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SortedDictionary<ulong, Order> _unfinished = [];
    private ulong _firstGiven = ulong.MaxValue;
    private ulong _lastGiven;
    private bool _isLoaded;
    private int _waiting;

    /// <summary>Whether a text can be an order's name: letters, digits, dots, dashes and
    /// underscores.</summary>
    public static bool IsName([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= NameLengthMax }
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>The name of a plan's own order.</summary>
    /// <param name="bounty">The plan's number for it.</param>
    public static string NameOf(BountyId bounty) =>
        string.Create(CultureInfo.InvariantCulture, $"{PlanPrefix}{bounty.Value}");

    /// <summary>Posts a bounty, once.</summary>
    /// <param name="name">The order's name; see <see cref="IsName"/>.</param>
    /// <param name="region">Where.</param>
    /// <param name="bounty">What; its number is given here, and a plan's own is what it was ordered by
    /// before.</param>
    /// <exception cref="ArgumentException">That is no name.</exception>
    /// <exception cref="MachineBusyException">Too many orders wait, or too much waits for the
    /// disk.</exception>
    /// <exception cref="MachineFailedException">The strategic layer is being started anew. The order may have
    /// been noted: repeat it under the same name.</exception>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<Posting> PostAsync(string name, RegionId region, Bounty bounty)
    {
        if (!IsName(name))
        {
            throw new ArgumentException($"'{name}' is no name of an order", nameof(name));
        }

        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            _ = Interlocked.Decrement(ref _waiting);
            throw new MachineBusyException("too many orders wait; send it again later");
        }

        await _turn.WaitAsync();
        try
        {
            await LoadAsync();
            await FinishAsync();
            return await store.NoteAsync(Prefix + name) is { } noted
                ? await KnownAsync(name, noted, region, bounty) : await NewAsync(name, region, bounty);
        }
        catch (StoreException)
        {
            _isLoaded = false; // Nobody knows what is noted now.
            throw;
        }
        finally
        {
            _ = _turn.Release();
            _ = Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>The number that was given to an order; null when there is none of that name.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<BountyId?> NumberOfAsync(string name) =>
        await store.NoteAsync(Prefix + name) is { } noted ? Order.Parse(name, noted).Bounty.Id : null;

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<Posting> KnownAsync(string name, string noted, RegionId region, Bounty bounty)
    {
        var known = Order.Parse(name, noted);
        if (known.Region != region || known.Bounty != bounty with { Id = known.Bounty.Id })
        {
            return new Posting(known.Bounty.Id, PostingVerdict.Contradicted);
        }

        string? outcome = await store.NoteAsync(Prefix + name + OutcomeSuffix);
        return new Posting(
            known.Bounty.Id, outcome == Taken ? PostingVerdict.Repeated : PostingVerdict.NotTaken);
    }

    private async Task<Posting> NewAsync(string name, RegionId region, Bounty bounty)
    {
        StrategyStatus before = await plane.StrategyAsync();
        bool isOld = name == NameOf(bounty.Id) && bounty.Id.CompareTo(before.LastBounty) <= 0
            && bounty.Id.Value < _firstGiven;
        ulong number = isOld ? bounty.Id.Value : Math.Max(before.LastBounty.Value, _lastGiven) + 1;
        var order = new Order(name, region, bounty with { Id = new BountyId(number) });
        string text = order.Text;
        if (await store.NoteAsync(Prefix + name, text) != text)
        {
            throw new MachineBusyException("another process takes orders; send it again");
        }

        Given(order);
        _unfinished.Add(number, order);
        bool isTaken = await FinishAsync();
        return new Posting(order.Bounty.Id, isTaken ? PostingVerdict.Posted : PostingVerdict.NotTaken);
    }

    private void Given(Order order)
    {
        ulong number = order.Bounty.Id.Value;
        _lastGiven = Math.Max(_lastGiven, number);
        if (order.Name != NameOf(order.Bounty.Id))
        {
            _firstGiven = Math.Min(_firstGiven, number);
        }
    }

    // What was noted, by a process before or by this one.
    private async Task LoadAsync()
    {
        if (_isLoaded)
        {
            return;
        }

        _unfinished.Clear();
        var orders = new Dictionary<string, Order>();
        var over = new HashSet<string>();
        await foreach (KeyValuePair<string, string> note in store.NotesAsync(Prefix))
        {
            string key = note.Key[Prefix.Length..];
            if (key.EndsWith(OutcomeSuffix, StringComparison.Ordinal))
            {
                _ = over.Add(key[..^OutcomeSuffix.Length]);
            }
            else
            {
                orders.Add(key, Order.Parse(key, note.Value));
            }
        }

        foreach (Order order in orders.Values)
        {
            Given(order);
            if (!over.Contains(order.Name))
            {
                _unfinished[order.Bounty.Id.Value] = order;
            }
        }

        _isLoaded = true;
    }

    // Tells what was noted, in order; whether the last of it was taken.
    private async Task<bool> FinishAsync()
    {
        bool isTaken = false;
        while (_unfinished.Count > 0)
        {
            Order order = _unfinished.First().Value;
            isTaken = await TellAsync(order);
            _ = await store.NoteAsync(Prefix + order.Name + OutcomeSuffix, isTaken ? Taken : Left);
            _ = _unfinished.Remove(order.Bounty.Id.Value);
        }

        return isTaken;
    }

    private async Task<bool> TellAsync(Order order)
    {
        StrategyStatus before = await plane.StrategyAsync();
        if (before.LastBounty.CompareTo(order.Bounty.Id) >= 0)
        {
            return true; // Told, and the process ended before that was noted.
        }

        if (order.Attempts >= AttemptsMax)
        {
            return false; // The strategic layer fails over it, and was just seen not to have it.
        }

        order.Attempts++;
        await plane.TellAsync(new StrategyInput.BountyOrdered(order.Region, order.Bounty));
        return (await plane.StrategyAsync()).Find(order.Bounty.Id) is not null;
    }

    private sealed class Order(string name, RegionId region, Bounty bounty)
    {
        public string Name => name;

        public RegionId Region => region;

        public Bounty Bounty => bounty;

        public int Attempts { get; set; }

        public string Text => string.Create(
            CultureInfo.InvariantCulture,
            $"{bounty.Id.Value} {region.Value} {Convert.ToHexStringLower(CborWriter.Bytes(bounty))}");

        public static Order Parse(string name, string text)
        {
            string[] words = text.Split(' ');
            return words.Length == 3
                && uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint region)
                && words[2].Length % 2 == 0 && words[2].All(char.IsAsciiHexDigit)
                && CborReader.TryRead(Convert.FromHexString(words[2]), out Bounty? bounty, out _)
                ? new Order(name, new RegionId(region), bounty)
                : throw new StoreException($"the note '{Prefix}{name}' is spoiled");
        }
    }
}
