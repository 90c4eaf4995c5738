using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>A region's money: its books, and the transfers between them and those of the strategic
/// layer.</summary>
/// <remarks>
/// Every credit of the region is in one of five kinds of account: the reserve that seeds new nodes, the
/// escrow of a bounty, the balance of a node, the bond of a contract, or burned. It comes in by transfer only
/// and goes home by transfer only; both are booked at both ends. The amounts are whole microcredits;
/// <c>docs/protocol/ledger.md</c> states the policy.
/// </remarks>
public sealed class Treasury
{
    /// <summary>A tenth of what a node owns above the ceiling is burned each time it docks: so what it owns
    /// there settles at ten times what it earns between two dockings and does not spend.</summary>
    public const int DemurrageDivisor = 10;

    private static readonly AccountId _reserve = new(AccountKind.Reserve, 0);
    private static readonly AccountId _burned = new(AccountKind.Burned, 0);
    private static readonly AccountId _strategy = new(AccountKind.Correspondent, 0);

    private readonly MissionRules _rules;
    private readonly Action<HubFact> _record;

    // Transfers to the strategic layer that it has not booked yet.
    private readonly SortedDictionary<TransferId, Credits> _transfers = [];

    private ulong _lastTransfer;

    internal Treasury(MissionRules rules, Action<HubFact> record)
    {
        _rules = rules;
        _record = record;
        Books = new Books(posting => record(new HubFact.Posted(posting)));
    }

    /// <summary>The books, to look at.</summary>
    public Books Books { get; }

    /// <summary>Burned since the charter.</summary>
    public Credits Burned => Books[_burned];

    /// <summary>Whether a transfer of the strategic layer's has been booked here.</summary>
    internal bool HasReceived(TransferId transfer) => Books.HasReceived(transfer.Value);

    /// <summary>Books the seed of the region's nodes.</summary>
    internal void TakeSeed(TransferId transfer, Credits amount) => Take(transfer, _reserve, amount);

    /// <summary>Books the worth of a bounty into its escrow.</summary>
    internal void TakeEscrow(TransferId transfer, BountyId bounty, Credits amount) =>
        Take(transfer, Escrow(bounty), amount);

    /// <summary>Books the credits of a node that came from another region.</summary>
    internal void TakeBalance(TransferId transfer, NodeId node, Credits amount) =>
        Take(transfer, Balance(node), amount);

    /// <summary>What a node owns.</summary>
    internal Credits Of(NodeId node) => Books[Balance(node)];

    /// <summary>A node's credits leave with it; the strategic layer books them by this hub's
    /// journal.</summary>
    internal void Release(NodeId node) => Books.Post(Balance(node), _strategy, Books[Balance(node)]);

    /// <summary>What a node that is retired owned is working capital of others again.</summary>
    internal void Retire(NodeId node) => Books.Post(Balance(node), _reserve, Books[Balance(node)]);

    /// <summary>Gives a new node its working capital, as far as the reserve goes.</summary>
    internal void Seed(NodeId node) =>
        Books.Post(_reserve, Balance(node), Credits.Min(Books[_reserve], _rules.SeedPerNode));

    /// <summary>Pays a node for what it delivered.</summary>
    internal void Pay(BountyId bounty, NodeId node, Credits amount) =>
        Books.Post(Escrow(bounty), Balance(node), amount);

    /// <summary>A machine that calls for help sets aside what it pays for it, out of what it owns.</summary>
    internal void SetAside(BountyId call, Credits amount) =>
        Books.Post(Balance(call.Patient), Escrow(call), amount);

    /// <summary>What is left of that is its own again.</summary>
    internal void GiveBack(BountyId call) =>
        Books.Post(Escrow(call), Balance(call.Patient), Books[Escrow(call)]);

    /// <summary>What is staked for a contract.</summary>
    internal Credits BondOf(ContractId contract) => Books[Bond(contract)];

    /// <summary>A winner stakes its bond.</summary>
    internal void Stake(NodeId node, ContractId contract, Credits amount) =>
        Books.Post(Balance(node), Bond(contract), amount);

    /// <summary>Ends a bond: a share of it, rounded up, goes back to the node, and the rest is
    /// burned.</summary>
    /// <param name="node">Whose.</param>
    /// <param name="contract">For which contract; without a bond nothing happens.</param>
    /// <param name="part">How much of what was promised was kept; at most
    /// <paramref name="whole"/>.</param>
    /// <param name="whole">What was promised; positive.</param>
    internal void EndBond(NodeId node, ContractId contract, Grams part, Grams whole)
    {
        Credits bond = BondOf(contract);
        long missing = whole.Value - part.Value;
        var lost = new Credits((long)((Int128)bond.Micro * missing / whole.Value));
        Books.Post(Bond(contract), Balance(node), bond - lost);
        Books.Post(Bond(contract), _burned, lost);
    }

    /// <summary>A node pays for its berth.</summary>
    /// <remarks>It is burned, as what is sold is: the toll keeps nodes from coming all at once, and is
    /// nobody's income.</remarks>
    internal void Toll(NodeId node, Credits amount) => Books.Post(Balance(node), _burned, amount);

    /// <summary>Sells a docked node propellant first and then spares, as far as its balance goes.</summary>
    /// <remarks>What is sold is burned: it has left the fleet.</remarks>
    internal (Grams Propellant, PartsPerMillion Spares) Sell(NodeId node, Grams propellant,
        PartsPerMillion spares)
    {
        Grams tonne = Grams.FromTonnes(1);
        Credits balance = Books[Balance(node)];
        Credits perTonne = _rules.PropellantPerTonne;
        if (perTonne.ForPart(propellant, tonne) > balance)
        {
            propellant = new Grams((long)((Int128)balance.Micro * tonne.Value / perTonne.Micro));
        }

        Credits fuel = perTonne.ForPart(propellant, tonne);
        Books.Post(Balance(node), _burned, fuel);
        Credits left = balance - fuel;
        if (SparesCost(spares) > left)
        {
            spares = new PartsPerMillion((int)((Int128)left.Micro * 1_000_000 / _rules.SparesPerLife.Micro));
        }

        Books.Post(Balance(node), _burned, SparesCost(spares));
        return (propellant, spares);
    }

    /// <summary>Charges a node for goods that it lost: at most what it owns. It is burned, as what is
    /// forfeited is.</summary>
    internal void Charge(NodeId node, Credits amount) => Books.Post(Balance(node), _burned, amount);

    /// <summary>Takes demurrage of a docked node that owns more than it may without.</summary>
    /// <remarks>It is burned. To return it to the strategic budget would come to the same, since what the
    /// budget lacks is minted, and would need a transfer for each.</remarks>
    internal void Levy(NodeId node)
    {
        Credits excess = Books[Balance(node)] - _rules.HoardCeiling;
        if (excess > Credits.Zero)
        {
            Books.Post(Balance(node), _burned, new Credits(excess.Micro / DemurrageDivisor));
        }
    }

    /// <summary>Sends what is left of a bounty's escrow home.</summary>
    internal (TransferId Transfer, Credits Left) SendHome(BountyId bounty)
    {
        Credits rest = Books[Escrow(bounty)];
        var transfer = new TransferId(_lastTransfer + 1);
        _record(new HubFact.TransferSent(transfer, bounty, rest));
        Books.Post(Escrow(bounty), new AccountId(AccountKind.Transit, transfer.Value), rest);
        return (transfer, rest);
    }

    /// <summary>Sends the worth of lots that nobody holds home; what is promised to others stays.</summary>
    internal TransferId SendHome(BountyId bounty, Grams quantity, Credits worth)
    {
        var transfer = new TransferId(_lastTransfer + 1);
        _record(new HubFact.LotsSent(transfer, bounty, quantity, worth));
        Books.Post(Escrow(bounty), new AccountId(AccountKind.Transit, transfer.Value), worth);
        return transfer;
    }

    /// <summary>The strategic layer has booked a transfer; one it was not sent, or a second word of it, does
    /// nothing.
    /// </summary>
    internal void Acknowledge(TransferId transfer)
    {
        if (_transfers.TryGetValue(transfer, out Credits amount))
        {
            Books.Post(new AccountId(AccountKind.Transit, transfer.Value), _strategy, amount);
        }
    }

    /// <summary>Applies one remembered fact about money.</summary>
    internal void Apply(HubFact fact)
    {
        switch (fact)
        {
            case HubFact.Posted(var posting):
                Books.Apply(posting);
                if (posting.From.Kind == AccountKind.Transit)
                {
                    _ = _transfers.Remove(new TransferId(posting.From.Number));
                }

                break;
            case HubFact.TransferReceived(var transfer, _, _):
                Books.ApplyReceived(transfer.Value);
                break;
            case HubFact.TransferSent(var transfer, _, var amount):
                Begin(transfer, amount);
                break;
            case HubFact.LotsSent(var transfer, _, _, var amount):
                Begin(transfer, amount);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("treasury", 3);
        _lastTransfer = (ulong)codec.Integer("lastTransfer", (long)_lastTransfer, 0, long.MaxValue);
        codec.Table(
            "transfers",
            _transfers,
            static (ref TCodec c, TransferId key) => c.Transfer("transfer", key),
            static (ref TCodec c, Credits value) => c.Money("amount", value));
        Books.Shape(ref codec);
        codec.Close();
    }

    private void Begin(TransferId transfer, Credits amount)
    {
        _lastTransfer = transfer.Value;
        if (amount > Credits.Zero)
        {
            _transfers.Add(transfer, amount); // Nothing travels with an empty one.
        }
    }

    private void Take(TransferId transfer, AccountId account, Credits amount)
    {
        _record(new HubFact.TransferReceived(transfer, account, amount));
        Books.Post(_strategy, account, amount);
    }

    private Credits SparesCost(PartsPerMillion spares) =>
        new((long)((Int128)_rules.SparesPerLife.Micro * spares.Value / 1_000_000));

    private static AccountId Escrow(BountyId bounty) => new(AccountKind.Escrow, bounty.Value);

    private static AccountId Bond(ContractId contract) => new(AccountKind.Bond, contract.Value);

    private static AccountId Balance(NodeId node) => new(AccountKind.Balance, node.Value);
}
