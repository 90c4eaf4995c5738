using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>Credits on the way between two books, told by what was sent and what was booked, and not by what
/// any transit account says.</summary>
internal sealed class AuditedTransfers
{
    // By sender and its own number, until both ends are done with it.
    private readonly Dictionary<(Party From, ulong Number), Transfer> _open = [];
    private readonly Dictionary<Party, ulong> _last = [];

    // Nodes whose credits have left one region's books and are in no other's: by node.
    private readonly Dictionary<NodeId, (Party Hub, Credits Amount)> _departed = [];

    // Transfers that this step sent and has not paid for.
    private readonly List<Transfer> _unpaid = [];

    /// <summary>On the way, in microcredits.</summary>
    public Int128 OnTheWay { get; private set; }

    /// <summary>Transfers that the far end has not booked.</summary>
    public int Count => _open.Values.Count(transfer => !transfer.IsBooked && !transfer.IsVoid);

    /// <summary>A transfer begins; its credits come by postings of the same step.</summary>
    public void Send(AuditStep step, Transfer transfer)
    {
        ulong last = _last.GetValueOrDefault(transfer.From);
        if (step.Demand(
            transfer.Number > last, $"transfer {transfer.Number} of {transfer.From} is begun twice"))
        {
            _last[transfer.From] = transfer.Number;
            _open.Add((transfer.From, transfer.Number), transfer);
            _unpaid.Add(transfer);
        }
    }

    public Transfer? Find(Party from, ulong number) => _open.GetValueOrDefault((from, number));

    /// <summary>Credits are put into a transfer.</summary>
    public void Pay(AuditStep step, ulong number, Credits amount)
    {
        Transfer? transfer = _unpaid.Find(unpaid => unpaid.Number == number);
        if (step.Demand(transfer is not null, $"transfer {number} is given credits and was not begun"))
        {
            transfer!.Due -= amount.Micro;
            OnTheWay += amount.Micro;
            _ = step.Demand(transfer.Due >= 0, $"{transfer} is given more than it was begun with");
        }
    }

    /// <summary>The far end books a transfer: once, and for what was sent.</summary>
    public Transfer? Book(AuditStep step, Party from, ulong number, Credits? amount)
    {
        Transfer? transfer = Find(from, number);
        bool isGood = step.Demand(
            transfer is not null,
            number <= _last.GetValueOrDefault(from)
                ? $"transfer {number} of {from} is booked twice"
                : $"transfer {number} of {from} is booked and was never sent")
            && step.Demand(transfer!.To == step.Machine, $"{transfer} is booked by {step.Machine}")
            && step.Demand(!transfer.IsBooked, $"{transfer} is booked twice")
            && step.Demand(
                amount is null || amount == transfer.Amount,
                $"{transfer} is booked with {Text.Credits(amount ?? default)}");
        if (!isGood)
        {
            return null;
        }

        transfer!.IsBooked = true;
        if (transfer.Amount == Credits.Zero)
        {
            _ = _open.Remove((from, number)); // No word of it is needed.
        }

        return transfer;
    }

    /// <summary>Credits come out at the far end.</summary>
    public void Arrive(Credits amount) => OnTheWay -= amount.Micro;

    /// <summary>Credits leave a region's books with a node.</summary>
    public void Leave(Credits amount) => OnTheWay += amount.Micro;

    /// <summary>The sender hears that a transfer was booked, and closes it.</summary>
    public void Close(AuditStep step, ulong number, Party far, Credits amount)
    {
        Transfer? transfer = Find(step.Machine, number);
        bool isGood = step.Demand(transfer is not null, $"transfer {number} is closed twice, or never began")
            && step.Demand(transfer!.To == far, $"{transfer} is closed as if it had gone to {far}")
            && step.Demand(
                transfer.IsBooked || transfer.IsVoid,
                $"{transfer} is closed and the far end has not booked it")
            && step.Demand(amount == transfer.Amount, $"{transfer} is closed with {Text.Credits(amount)}");
        if (isGood)
        {
            _ = _open.Remove((step.Machine, number));
        }
    }

    /// <summary>A node has left, with its credits.</summary>
    public void Depart(AuditStep step, NodeId node, Credits amount) => _ = step.Demand(
        _departed.TryAdd(node, (step.Machine, amount)), $"node {node.Value} leaves twice");

    /// <summary>A node that has left is assigned to another region: with what it left with.</summary>
    public Party? Settle(AuditStep step, NodeId node, Credits amount)
    {
        if (!_departed.Remove(node, out (Party Hub, Credits Amount) left))
        {
            return null;
        }

        _ = step.Demand(
            left.Amount == amount,
            $"node {node.Value} left with {Text.Credits(left.Amount)} and comes with {Text.Credits(amount)}");
        return left.Hub;
    }

    /// <summary>A region is given up: what is on its way to and from its books is nobody's.</summary>
    public void Void(Party hub)
    {
        foreach (Transfer transfer in _open.Values)
        {
            if ((transfer.To == hub || transfer.From == hub) && !transfer.IsVoid)
            {
                OnTheWay -= transfer.IsBooked ? 0 : transfer.Amount.Micro;
                transfer.IsVoid = true;
            }
        }

        foreach ((NodeId node, (Party from, Credits amount)) in _departed.ToArray())
        {
            if (from == hub)
            {
                OnTheWay -= amount.Micro;
                _ = _departed.Remove(node);
            }
        }
    }

    /// <summary>What was begun in a step is paid for in it.</summary>
    public void EndStep(AuditStep step)
    {
        foreach (Transfer transfer in _unpaid)
        {
            _ = step.Demand(
                transfer.Due == 0, $"{transfer} begins without {Text.Credits(transfer.Due)} of its credits");
        }

        _unpaid.Clear();
    }
}

/// <summary>What a transfer is for.</summary>
internal enum Purpose
{
    /// <summary>A region's working capital.</summary>
    Charter,

    /// <summary>The worth of a new bounty.</summary>
    Bounty,

    /// <summary>What is left of a bounty that changes its region.</summary>
    Moved,

    /// <summary>What a node owns that changes its region.</summary>
    Node,

    /// <summary>What is left of a bounty that is over.</summary>
    Home,
}

/// <summary>One transfer.</summary>
internal sealed class Transfer
{
    public required Party From { get; init; }

    public required Party To { get; init; }

    public required ulong Number { get; init; }

    public required Credits Amount { get; init; }

    public required Purpose Purpose { get; init; }

    /// <summary>The account it is for at the far end.</summary>
    public required AccountId For { get; init; }

    /// <summary>Whose books gave it up, if it is passed on from one region to another.</summary>
    public Party? Origin { get; init; }

    /// <summary>What has not been put into it, in microcredits.</summary>
    public required Int128 Due { get; set; }

    public bool IsBooked { get; set; }

    public bool IsVoid { get; set; }

    public override string ToString() =>
        $"transfer {Number} of {From} to {To} over {Text.Credits(Amount)}";
}
