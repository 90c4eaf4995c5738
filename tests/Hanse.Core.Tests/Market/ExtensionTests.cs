using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>A node and its hub, with clocks as wrong as they may be, and a link that loses, repeats and
/// reorders: in true time the node has stopped before the hub gives its work away.</summary>
public sealed class ExtensionTests
{
    [Fact]
    public void A_later_due_time_never_lets_two_hold_the_same_work()
    {
        int granted = 0;
        int lost = 0;
        Gen.Select(
            Gen.Int[-2, 2],
            Gen.Int[-2, 2],
            Gen.Select(Gen.Int[0, 12], Gen.Int[0, 40], Gen.Int[0, 3]).Array[1, 8])
        .Sample(
            (nodeError, hubError, asks) =>
            {
                var pair = new Pair(TimeSpan.FromSeconds(nodeError), TimeSpan.FromSeconds(hubError));
                foreach ((int wait, int more, int way) in asks)
                {
                    pair.Advance(TimeSpan.FromSeconds(wait));
                    pair.Ask(TimeSpan.FromSeconds(more), way);
                }

                pair.Advance(TimeSpan.FromSeconds(300));
                Assert.False(pair.IsHeldByNode);
                Assert.NotNull(pair.TakenBack);
                _ = Interlocked.Add(ref granted, pair.Granted);
                _ = Interlocked.Add(ref lost, pair.Lost);
            },
            iter: 3_000);
        Assert.True(granted > 500 && lost > 500, $"{granted} grants were heard and {lost} were lost");
    }

    // True time runs a second at a step; a frame takes from none to all of the light time.
    private sealed class Pair
    {
        private readonly MarketModel _model = new();
        private readonly List<(Instant At, Instant Due)> _answers = [];
        private readonly TimeSpan _nodeError;
        private readonly TimeSpan _hubError;
        private readonly MarketFact.Awarded _award;
        private Instant _true;
        private Instant _nodeDue;

        public Pair(TimeSpan nodeError, TimeSpan hubError)
        {
            (_nodeError, _hubError) = (nodeError, hubError);
            _true = Instant.Epoch + TimeSpan.FromSeconds(100);
            _model.Now = Hub;
            _model.Market.Wake(Hub);
            _model.Open(new Bounty(
                new BountyId(1), Commodity.Nickel, new DepotId(1), new Grams(10), new Grams(10),
                new Credits(7), (Hub + TimeSpan.FromSeconds(260)).CeilingSecond));
            Wake(_model.Market.NextWake);
            _ = _model.Market.Take(Hub, new NodeId(1), new BidSheet(_model.Market.Cycle, NoBidReason.None, [
                new Bid(new BountyId(1), NoBidReason.None, [
                    new BidStep(new Grams(10), new Credits(5), (Hub + TimeSpan.FromSeconds(90)).CeilingSecond,
                        TimeSpan.Zero)])]));
            Wake(_model.Market.NextWake);
            _award = Assert.Single(_model.Awards);
            _nodeDue = _award.Due;
        }

        public int Granted { get; private set; }

        public int Lost { get; private set; }

        /// <summary>When the hub took the work back, in true time.</summary>
        public Instant? TakenBack { get; private set; }

        /// <summary>Whether the node believes that it holds the work.</summary>
        public bool IsHeldByNode => Node < _nodeDue - TimeSpan.FromSeconds(2);

        private Instant Hub => _true + _hubError;

        private Instant Node => _true + _nodeError;

        // The ask may be lost, or its answer, or come twice; each takes its own time.
        public void Ask(TimeSpan more, int way)
        {
            if (!IsHeldByNode || way == 0)
            {
                return;
            }

            _model.Hear(new NodeId(1));
            Instant? due = _model.Market.Extend(
                Hub, new NodeId(1), _award.Contract, _award.Epoch, _nodeDue + more);
            for (int copy = 1; due is not null && copy <= way; copy++)
            {
                if ((more.Seconds + copy) % 3 == 0)
                {
                    Lost++;
                }
                else
                {
                    _answers.Add((_true + TimeSpan.FromSeconds(more.Seconds * copy % 11), due.Value));
                }
            }
        }

        public void Advance(TimeSpan time)
        {
            for (Instant end = _true + time; _true < end; _true += TimeSpan.FromSeconds(1))
            {
                foreach ((Instant at, Instant due) in _answers.Where(answer => answer.At == _true))
                {
                    // As the node takes it: while it holds the work, and only what is later.
                    Granted += IsHeldByNode && due > _nodeDue ? 1 : 0;
                    _nodeDue = IsHeldByNode ? Instant.Max(due, _nodeDue) : _nodeDue;
                }

                Wake(Hub);
                if (TakenBack is null && _model.Market.Find(_award.Contract) is not { IsLive: true })
                {
                    TakenBack = _true;
                    Assert.False(IsHeldByNode, "the hub gave away what the node holds");
                }
            }
        }

        private void Wake(Instant now)
        {
            _true = now - _hubError;
            _model.Now = now;
            _model.Market.Wake(now);
        }
    }
}
