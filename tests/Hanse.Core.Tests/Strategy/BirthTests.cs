using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Cryptography;
using CsCheck;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>Machines that are born of machines, within what operators have signed, and machines whose service
/// ends.</summary>
public class BirthTests
{
    private static readonly BirthQuota _quota = BirthRig.Quota(1, 1_000, 41);

    [Fact]
    public void A_machine_is_born_by_its_parents_word_and_is_a_node_like_others()
    {
        BirthRig rig = Begin();
        rig.Build(1, 1, Key(1));
        rig.Run(BirthRig.At(8));
        SignedBirth birth = Assert.Single(rig.Certificates.Values);
        Assert.Equal(1_000U, birth.Certificate.Child.Value);
        Assert.Equal(BirthRefusal.None, rig.Told[Name(Key(1))]);
        RosterEntry entry = rig.Hub(BirthRig.One).Roster[new NodeId(1_000)];
        Assert.True(entry.IsActive);
        Assert.Equal(1_000, Balance(rig, BirthRig.One, 1_000));
        Birth born = rig.Hub(BirthRig.One).Births.Births[new NodeId(1_000)];
        Assert.True(born.IsOnProbation);
        Assert.Equal(new NodeId(1), born.Certificate.Parent);
        Assert.True(rig.Node(1_000).Epoch.Value > 0);

        // Five days, and no contract is asked for by these terms.
        rig.Run(BirthRig.At(16));
        Assert.False(rig.Hub(BirthRig.One).Births.Births[new NodeId(1_000)].IsOnProbation);
        AllRebuilt(rig);
    }

    [Theory]
    [InlineData(0, 41, 0)] // Both have said that they are there when it is ordered.
    [InlineData(8, 21, 20)]
    public void A_region_has_its_part_when_it_gets_its_authority(int late, uint before, uint rest)
    {
        var rig = new BirthRig();
        rig.Add(2, BirthRig.Two);
        if (late > 0)
        {
            _ = rig.Lost.Add(BirthRig.Two);
        }

        rig.Order(_quota);
        rig.Run(BirthRig.At(8));
        Assert.Equal((before, rest), (rig.Layer.Quotas[1].Given, rig.Layer.Quotas[1].Rest));
        rig.Build(2, 1, Key(1));
        rig.Lost.Clear();
        rig.Run(BirthRig.At(20));
        Assert.Equal((41U, 0U), (rig.Layer.Quotas[1].Given, rig.Layer.Quotas[1].Rest));
        Assert.Equal((21UL, 0UL, 0UL), rig.Hub(BirthRig.One).Births.CountOf(1));
        Assert.Equal((19UL, 0UL, 1UL), rig.Hub(BirthRig.Two).Births.CountOf(1));
        AllRebuilt(rig);
    }

    [Fact]
    public void A_quota_is_divided_among_regions_with_the_capital_of_those_to_come()
    {
        BirthRig rig = Begin();
        Assert.Equal((21UL, 0UL, 0UL), rig.Hub(BirthRig.One).Births.CountOf(1));
        Assert.Equal((20UL, 0UL, 0UL), rig.Hub(BirthRig.Two).Births.CountOf(1));
        Assert.Equal(0U, rig.Layer.Quotas[1].Rest);
        var reserve = new AccountId(AccountKind.Reserve, 0);
        Assert.Equal(100_000 - 2_000 + 21_000, rig.Hub(BirthRig.One).Books[reserve].Micro);
        Assert.Equal(100_000 - 1_000 + 20_000, rig.Hub(BirthRig.Two).Books[reserve].Micro);

        // For one region only.
        rig.Order(BirthRig.Quota(2, 5_000, 7, region: 2));
        rig.Run(BirthRig.At(5));
        Assert.Equal((7UL, 0UL, 0UL), rig.Hub(BirthRig.Two).Births.CountOf(2));
        Assert.DoesNotContain(2U, rig.Hub(BirthRig.One).Births.Quotas);
    }

    [Fact]
    public void A_quota_takes_two_operators_and_is_one_for_ever()
    {
        var rig = new BirthRig();
        rig.Add(1, BirthRig.One);
        rig.Run(BirthRig.At(2));
        ImmutableArray<OperatorSignature> both = BirthRig.Signed(_quota);
        Refused(_quota, both[..1], QuotaRefusal.TooFewSignatures);
        Refused(_quota, [both[0], both[0]], QuotaRefusal.TooFewSignatures);
        Refused(_quota, [both[0], both[1] with { Key = Key(9) }], QuotaRefusal.UnknownKey);
        Refused(_quota, [both[0], both[1] with { Signature = new byte[64] }], QuotaRefusal.BadSignature);
        Refused(_quota with { Range = new BirthRange(1_000, 42) }, both, QuotaRefusal.BadSignature);
        Refused(_quota with { Range = new BirthRange(0, 42) }, both, QuotaRefusal.Unsound);
        BirthQuota late = _quota with { Terms = _quota.Terms with { Until = BirthRig.At(1) } };
        Refused(late, BirthRig.Signed(late), QuotaRefusal.Unsound);
        BirthQuota nowhere = _quota with { Region = new RegionId(9) };
        Refused(nowhere, BirthRig.Signed(nowhere), QuotaRefusal.NoRegion);

        rig.Order(_quota);
        rig.Run(BirthRig.At(4));
        Assert.True(rig.Layer.Quotas[1].IsTaken);
        Assert.Empty(rig.Layer.RefusedQuotas);
        int facts = rig.Strategy.Facts.Count();
        rig.Tell(new StrategyInput.BirthsOrdered(_quota, both));
        Assert.Equal(facts, rig.Strategy.Facts.Count());
        BirthQuota other = _quota with { Region = BirthRig.Two };
        rig.Tell(new StrategyInput.BirthsOrdered(other, BirthRig.Signed(other)));
        Assert.Equal(QuotaRefusal.AnotherQuota, rig.Layer.RefusedQuotas[1]);
        BirthQuota overlapping = BirthRig.Quota(2, 1_040, 5);
        rig.Tell(new StrategyInput.BirthsOrdered(overlapping, BirthRig.Signed(overlapping)));
        Assert.Equal(QuotaRefusal.Unsound, rig.Layer.RefusedQuotas[2]);
        rig.Strategy.IsRebuilt();

        void Refused(BirthQuota quota, ImmutableArray<OperatorSignature> by, QuotaRefusal why)
        {
            rig.Tell(new StrategyInput.BirthsOrdered(quota, by));
            rig.Run(rig.Now + TimeSpan.FromSeconds(1));
            Assert.Equal(why, rig.Layer.RefusedQuotas[quota.Id]);
            Assert.DoesNotContain(quota.Id, rig.Layer.Quotas.Keys);
        }
    }

    [Fact]
    public void Each_reason_against_a_birth_has_its_word()
    {
        BirthRig rig = Begin();
        rig.Build(1, 1, Key(1));
        rig.Build(1, 2, Key(2));
        rig.Run(BirthRig.At(4));
        SignedBirth good = rig.Certificates[Name(Key(1))];
        BirthCertificate word = good.Certificate;
        byte[] parent = BirthRig.KeyOf(1);
        Assert.Equal(BirthRefusal.NoLease, Show(word with { Lease = 77, Child = new NodeId(1_010) }));
        Assert.Equal(BirthRefusal.NoLease, Show(word with { Region = BirthRig.Two }));
        Assert.Equal(
            BirthRefusal.NoLease, Show(word with { Parent = new NodeId(3), Child = new NodeId(1_010) }));
        Assert.Equal(BirthRefusal.UnknownParent, Show(word with { Child = new NodeId(1_010) }, Key(66)));
        Assert.Equal(
            BirthRefusal.KeyTaken,
            Show(word with { Child = new NodeId(1_010), PublicKey = BirthRig.KeyOf(3) }));
        Assert.Equal(BirthRefusal.KeyTaken, Show(word with { Child = new NodeId(1_010) }));
        Assert.Equal(
            BirthRefusal.NumberTaken, Show(word with { Child = new NodeId(1_010), PublicKey = Key(50) }));
        Assert.Equal(
            BirthRefusal.NumberTaken, Show(word with { Child = new NodeId(3), PublicKey = Key(50) }));

        BirthRefusal Show(BirthCertificate certificate, byte[]? key = null)
        {
            rig.Tell(certificate.Region, new HubInput.BirthShown(certificate, key ?? parent));
            rig.Tell(BirthRig.One, new HubInput.BirthShown(certificate, key ?? parent));
            return rig.Told[Name(certificate.PublicKey)];
        }
    }

    [Fact]
    public void Too_late_too_young_and_another_kind_are_refused()
    {
        BirthRig rig = Begin();
        BirthLeased lease = Lend(rig, 1, 3);
        var word = new BirthCertificate(
            BirthRig.One, lease.Lease, new NodeId(1), new NodeId(lease.Range.First), Key(1), 1, 1,
            rig.Now.FloorSecond);
        Assert.Equal(BirthRefusal.WrongClass, Show(word with { Class = 2 }));
        Assert.Equal(BirthRefusal.WrongClass, Show(word with { Generation = 2 }));
        Assert.Equal(
            BirthRefusal.Expired, Show(word with { At = lease.Until + TimeSpan.FromSeconds(1) }));
        Assert.Equal(BirthRefusal.None, Show(word));
        Assert.Equal(BirthRefusal.None, Show(word)); // However often.

        // What nobody has shown in time is free again, and no child of that lease is taken any more.
        Assert.Equal((18UL, 2UL, 1UL), rig.Hub(BirthRig.One).Births.CountOf(1));
        rig.Run(lease.Until + rig.Layer.Quotas[1].Quota.Terms.ShowTime + TimeSpan.FromHours(1));
        Assert.Equal((20UL, 0UL, 1UL), rig.Hub(BirthRig.One).Births.CountOf(1));
        BirthCertificate late = word with { Child = new NodeId(lease.Range.First + 1), PublicKey = Key(2) };
        Assert.Equal(BirthRefusal.NoLease, Show(late));
        BirthLeased next = Lend(rig, 3, 3);
        Assert.Equal(lease.Range.First + 1, next.Range.First);
        Assert.Equal(BirthRefusal.NoLease, Show(late));
        AllRebuilt(rig);

        BirthRefusal Show(BirthCertificate certificate)
        {
            rig.Tell(BirthRig.One, new HubInput.BirthShown(certificate, BirthRig.KeyOf(1)));
            return rig.Told[Name(certificate.PublicKey)];
        }
    }

    [Fact]
    public void Of_two_children_of_one_number_one_is_a_node_and_their_parent_bears_nobody_any_more()
    {
        BirthRig rig = Begin();
        rig.Build(1, 1, Key(1));
        rig.Run(BirthRig.At(4));
        SignedBirth first = rig.Certificates[Name(Key(1))];
        rig.Show(BirthRig.Forged(first, Key(2), BirthRig.KeyOf(1)));
        rig.Show(BirthRig.Forged(first, Key(3), BirthRig.KeyOf(1)));
        rig.Build(1, 2, Key(4));
        rig.Run(BirthRig.At(20));
        Assert.Equal(BirthRefusal.None, rig.Told[Name(Key(1))]);
        Assert.Equal(BirthRefusal.Spent, rig.Told[Name(Key(2))]);
        Assert.Equal(BirthRefusal.Spent, rig.Told[Name(Key(3))]);
        Assert.Equal([new NodeId(1)], rig.Hub(BirthRig.One).Births.BarredParents);
        Assert.True(rig.Hub(BirthRig.One).Roster[new NodeId(1_000)].IsActive);
        Assert.DoesNotContain(Name(Key(4)), rig.Certificates.Keys);

        // One proof is remembered, whatever the number of children.
        Assert.Single(rig.Hubs[BirthRig.One].Facts, fact => fact is HubFact.Birth(BirthFact.Barred));
        AllRebuilt(rig);
    }

    [Fact]
    public void A_stranger_that_invents_a_second_child_bars_nobody()
    {
        BirthRig rig = Begin();
        rig.Build(1, 1, Key(1));
        rig.Run(BirthRig.At(4));
        SignedBirth first = rig.Certificates[Name(Key(1))];
        BirthCertificate second = first.Certificate with { PublicKey = Key(2) };
        rig.Tell(BirthRig.One, new HubInput.BirthShown(second, Key(66)));
        Assert.Equal(BirthRefusal.Spent, rig.Told[Name(Key(2))]);
        Assert.Empty(rig.Hub(BirthRig.One).Births.BarredParents);
    }

    [Fact]
    public void Who_says_that_it_is_a_number_to_be_born_is_not_without_a_certificate()
    {
        BirthRig rig = Begin();
        rig.Add(1_005, BirthRig.One);
        rig.Run(BirthRig.At(6));
        Assert.DoesNotContain(new NodeId(1_005), rig.Hub(BirthRig.One).Roster.Keys);
        rig.Build(1, 1, Key(1));
        rig.Run(BirthRig.At(9));
        Assert.Contains(new NodeId(1_000), rig.Hub(BirthRig.One).Roster.Keys);
    }

    [Fact]
    public void A_parent_out_of_reach_bears_from_what_it_was_lent()
    {
        BirthRig rig = Begin();
        Assert.Equal(0U, rig.Node(1).Parent.Left);
        for (uint build = 1; build <= 5; build++)
        {
            rig.Tell(new NodeId(1), new NodeInput.ChildBuilt(new Built(build, Key(build), 1, 1)));
        }

        rig.Run(BirthRig.At(4));
        Assert.Equal(5, rig.Certificates.Count);
        Assert.Equal(
            [1_000U, 1_001U, 1_002U, 1_003U, 1_004U],
            rig.Certificates.Values.Select(birth => birth.Certificate.Child.Value).Order());
        rig.Run(BirthRig.At(7));
        Assert.Equal(5, rig.Hub(BirthRig.One).Births.Births.Count);
    }

    [Fact]
    public void A_node_that_is_retired_leaves_nothing_behind_and_its_number_never_comes_back()
    {
        BirthRig rig = Begin();
        rig.Build(1, 1, Key(1));
        rig.Run(BirthRig.At(10));
        long reserve = Reserve(rig, BirthRig.One);
        rig.Tell(BirthRig.One, new HubInput.RetireOrdered(new NodeId(1_000), IsLost: false));
        rig.Tell(BirthRig.One, new HubInput.RetireOrdered(new NodeId(1_000), IsLost: false));
        rig.Run(BirthRig.At(12));
        RosterEntry entry = rig.Hub(BirthRig.One).Roster[new NodeId(1_000)];
        Assert.True(entry.IsRetired);
        Assert.Equal(0, Balance(rig, BirthRig.One, 1_000));
        Assert.Equal(reserve + 1_000, Reserve(rig, BirthRig.One));
        Assert.True(rig.Node(1_000).IsRetired);
        Assert.Contains(new NodeId(1_000), rig.RetiredNumbers);
        Assert.DoesNotContain(new NodeId(1_000), rig.Hub(BirthRig.One).Reconciler.Receptions.Keys);
        Assert.Equal(Instant.Never, rig.Nodes[new NodeId(1_000)].Wake); // It calls nobody.
        Assert.Single(
            rig.Hubs[BirthRig.One].Facts, fact => fact is HubFact.NodeRetired { Balance.Micro: 1_000 });

        // The hub's journal is accepted with that, so the strategic layer knows as well.
        rig.Run(BirthRig.At(20));
        Assert.Null(rig.Layer.Receptions[BirthRig.One].Quarantine);
        Assert.DoesNotContain(
            new NodeId(1_000), rig.Layer.Receptions[BirthRig.One].Books.Nodes.Keys);
        Assert.Contains(new NodeId(1), rig.Layer.Receptions[BirthRig.One].Books.Nodes.Keys);

        // Its parent's word does not bring it back, nor does anybody else's.
        rig.Tell(BirthRig.One, new HubInput.BirthShown(
            rig.Certificates[Name(Key(1))].Certificate with { PublicKey = Key(7) }, BirthRig.KeyOf(1)));
        Assert.Equal(BirthRefusal.Spent, rig.Told[Name(Key(7))]);
        rig.RetiredNumbers.Clear();
        rig.Tell(BirthRig.One, new HubInput.Restarted());
        Assert.Contains(new NodeId(1_000), rig.RetiredNumbers); // In case the word was lost.
        AllRebuilt(rig);
    }

    [Fact]
    public void A_parent_that_is_retired_bears_nobody()
    {
        BirthRig rig = Begin();
        BirthLeased lease = Lend(rig, 1, 2);
        rig.Tell(BirthRig.One, new HubInput.RetireOrdered(new NodeId(1), IsLost: true));
        rig.Run(rig.Now + TimeSpan.FromHours(2));
        var word = new BirthCertificate(
            BirthRig.One, lease.Lease, new NodeId(1), new NodeId(lease.Range.First), Key(1), 1, 1,
            rig.Now.FloorSecond);
        rig.Tell(BirthRig.One, new HubInput.BirthShown(word, BirthRig.KeyOf(1)));
        Assert.Equal(BirthRefusal.ParentRetired, rig.Told[Name(Key(1))]);
        rig.Run(BirthRig.At(70));
        Assert.Equal((21UL, 0UL, 0UL), rig.Hub(BirthRig.One).Births.CountOf(1));
    }

    // The one with the fewest nodes takes over; of what the lost hub may have let be born it lets nobody be
    // born again.
    [Fact]
    public void Who_was_born_in_a_lost_region_goes_on_elsewhere_and_its_numbers_are_given_to_nobody()
    {
        var rig = new BirthRig(adoptAfterDays: 4);
        rig.Add(1, BirthRig.One);
        rig.Add(2, BirthRig.Two);
        rig.Add(4, BirthRig.Two);
        rig.Add(3, BirthRig.Three);
        BirthTerms terms = BirthRig.Terms with { Probation = TimeSpan.FromDays(20) };
        rig.Order(new BirthQuota(1, default, new BirthRange(1_000, 42), terms));
        rig.Run(BirthRig.At(3));
        rig.Build(1, 1, Key(1));
        rig.Run(BirthRig.At(9));
        Assert.Equal(BirthRefusal.None, rig.Told[Name(Key(1))]);
        Assert.True(rig.Hub(BirthRig.One).Births.Births[new NodeId(1_000)].IsOnProbation);
        BirthLeased old = Lend(rig, 1, 5);
        rig.Run(BirthRig.At(12)); // What it told last.
        rig.Lost.Add(BirthRig.One);
        rig.Run(BirthRig.At(26));
        StrategyFact.Abandoned why = Assert.Single(rig.Strategy.Facts.OfType<StrategyFact.Abandoned>());
        Assert.Equal((BirthRig.One, BirthRig.Three), (why.Region, why.Successor));
        RegionalHub next = rig.Hub(BirthRig.Three);
        Assert.True(next.Roster[new NodeId(1)].IsActive && next.Roster[new NodeId(1_000)].IsActive);
        Assert.Equal(BirthRig.Three, rig.Node(1_000).Region);

        // Fourteen numbers of the region, one of them born by the accepted books.
        Assert.Equal(13U, rig.Layer.Quotas[1].Lapsed);
        Assert.Equal((14UL, 0UL, 0UL), next.Births.CountOf(1));

        // The child is on probation there, by its quota's terms and from the beginning.
        BirthFact.ProbationTaken began = Assert.Single(rig.Hubs[BirthRig.Three].Facts
            .OfType<HubFact.Birth>().Select(fact => fact.Fact).OfType<BirthFact.ProbationTaken>());
        Assert.Equal((new NodeId(1_000), 20.0), (began.Child, began.Terms.Probation.TotalDays));
        Assert.DoesNotContain(ProbationsEnded(rig, BirthRig.Three), ended => ended.Child.Value == 1_000);

        // Its parent, which had numbers of the lost hub left, bears under its new one.
        rig.HidesChildren = false;
        Assert.Equal(0U, rig.Node(1).Parent.Left);
        rig.Build(1, 40, Key(40));
        rig.Run(BirthRig.At(32));
        BirthCertificate word = rig.Certificates[Name(Key(40))].Certificate;
        Assert.Equal(BirthRig.Three, word.Region);
        Assert.False(old.Range.Has(word.Child));
        Assert.Equal(BirthRefusal.None, rig.Told[Name(Key(40))]);

        // And a child that it has certified before is refused everywhere.
        BirthCertificate lost = rig.Certificates.Values
            .Select(one => one.Certificate).First(one => one.Lease == old.Lease && old.Range.Has(one.Child));
        rig.Tell(BirthRig.Three, new HubInput.BirthShown(lost, BirthRig.KeyOf(1)));
        Assert.Equal(BirthRefusal.NoLease, rig.Told[Name(lost.PublicKey)]);
        rig.Run(began.At + TimeSpan.FromDays(21));
        Assert.Contains(ProbationsEnded(rig, BirthRig.Three), ended => ended.Child.Value == 1_000);

        // The lost one is back, hears of it, and lets nobody be born.
        rig.Lost.Clear();
        rig.Run(rig.Now + TimeSpan.FromDays(6));
        rig.Tell(BirthRig.One, new HubInput.BirthShown(lost, BirthRig.KeyOf(1)));
        Assert.Equal(BirthRefusal.NoLease, rig.Told[Name(lost.PublicKey)]);
        AllRebuilt(rig);
    }

    [Fact]
    public void A_child_is_handed_over_on_probation_or_having_proven_itself()
    {
        var rig = new BirthRig(adoptAfterDays: 30);
        rig.Add(1, BirthRig.One);
        rig.Add(2, BirthRig.Two);
        rig.Add(3, BirthRig.Three);
        BirthTerms terms = BirthRig.Terms with { Probation = TimeSpan.FromDays(12) };
        rig.Order(new BirthQuota(1, default, new BirthRange(1_000, 42), terms));
        rig.Run(BirthRig.At(3));
        rig.Build(1, 1, Key(1));
        rig.Run(BirthRig.At(8));
        var child = new NodeId(1_000);
        Move(BirthRig.One, BirthRig.Two, 8);
        Assert.Equal(1, Probations(BirthRig.Two));

        // Before it is over there too, and from a region that it was not born in.
        Move(BirthRig.Two, BirthRig.Three, 8);
        Assert.Equal(1, Probations(BirthRig.Three));
        rig.Run(rig.Now + TimeSpan.FromDays(14));
        Assert.Contains(ProbationsEnded(rig, BirthRig.Three), ended => ended.Child == child);

        // And when it is over, nobody begins with it again: not even where it was on probation once.
        rig.Run(rig.Now + TimeSpan.FromDays(3));
        Move(BirthRig.Three, BirthRig.Two, 8);
        Assert.Equal(1, Probations(BirthRig.Two));
        Move(BirthRig.Two, BirthRig.One, 8);
        Assert.Equal(0, Probations(BirthRig.One));
        AllRebuilt(rig);

        void Move(RegionId from, RegionId to, int days)
        {
            rig.Tell(new StrategyInput.HandoverOrdered(child, from, to));
            rig.Run(rig.Now + TimeSpan.FromDays(days));
            Assert.True(rig.Hub(to).Roster[child].IsActive, $"it is at {to}");
        }

        int Probations(RegionId region) => rig.Hubs[region].Facts
            .Count(fact => fact is HubFact.Birth(BirthFact.ProbationTaken));
    }

    private static IEnumerable<BirthFact.ProbationEnded> ProbationsEnded(BirthRig rig, RegionId region) =>
        rig.Hubs[region].Facts.OfType<HubFact.Birth>().Select(fact => fact.Fact)
            .OfType<BirthFact.ProbationEnded>();

    // The swarm: links that lose, repeat and delay, crashes anywhere, parents that die, parents that cheat.
    [Fact]
    public void Whatever_is_lost_and_whoever_crashes_nobody_is_born_twice_and_every_honest_child_is_born() =>
        Gen.ULong[1, 1_000_000].Sample(
            seed =>
            {
                var prng = new Core.Machine.Prng(seed);
                uint crashes = (uint)prng.Below(3) * 10;
                var draws = new Core.Machine.Prng(seed + 17);
                var rig = new BirthRig(seed, (int)prng.Below(30), step =>
                    step > 20 && draws.Below(100) < crashes ? (Cut)(1 + draws.Below(3)) : Cut.None);
                var honest = new List<byte[]>();
                for (uint parent = 1; parent <= 4; parent++)
                {
                    rig.Add(parent, parent % 2 == 0 ? BirthRig.Two : BirthRig.One);
                }

                rig.Order(_quota);
                uint key = 100;
                bool isCheat = prng.Below(2) == 0;
                for (uint parent = 1; parent <= 4; parent++)
                {
                    uint builds = (uint)prng.Below(4);
                    for (uint build = 1; build <= builds; build++)
                    {
                        (uint who, uint number, byte[] child) = (parent, build, Key(key++));
                        rig.In(TimeSpan.FromHours(prng.Below(400)), () => rig.Build(who, number, child));
                        if (who != 4 || !isCheat)
                        {
                            honest.Add(child);
                        }
                    }
                }

                if (isCheat)
                {
                    rig.In(TimeSpan.FromDays(20), () => Cheat(rig, 4, 300));
                }

                rig.Run(BirthRig.At(45));
                if (prng.Below(3) == 0)
                {
                    _ = rig.Nodes.Remove(new NodeId(1)); // Its children are born all the same.
                }

                rig.Run(BirthRig.At(60));
                foreach (byte[] child in honest)
                {
                    Assert.Equal(BirthRefusal.None, rig.Told[Name(child)]);
                }

                Birth[] born =
                [
                    .. rig.Hubs.Keys.SelectMany(region => rig.Hub(region).Births.Births.Values),
                ];
                Assert.Equal(
                    born.Length, born.Select(one => Name(one.Certificate.PublicKey)).Distinct().Count());
                Assert.True(born.Length >= honest.Count);
                Assert.All(
                    rig.Hubs.Keys.SelectMany(region => rig.Hub(region).Births.Births),
                    one => Assert.Equal(one.Key, one.Value.Certificate.Child));
                bool wasCaught = rig.Hub(BirthRig.Two).Births.BarredParents.Contains(new NodeId(4));
                Assert.Equal(rig.Told.ContainsValue(BirthRefusal.Spent), wasCaught);
                Assert.Empty(rig.Hub(BirthRig.One).Births.BarredParents);
                AllRebuilt(rig);
            },
            iter: 25);

    // Before the facts of a step are durable, after them, and after the first of its effects: the same
    // children are nodes in the end, each under one number.
    [Fact]
    public void A_crash_anywhere_ends_as_no_crash()
    {
        (int steps, string[] calm) = Life(_ => Cut.None);
        Assert.Equal(6, calm.Length);
        int stride = Math.Max(1, steps / 150);
        for (int at = 0; at < steps; at += stride)
        {
            foreach (Cut cut in (Cut[])[Cut.BeforeFacts, Cut.AfterFacts, Cut.AfterFirstEffect])
            {
                Assert.Equal(calm, Life(step => step == at ? cut : Cut.None).Ends);
            }
        }

        static (int Steps, string[] Ends) Life(Func<int, Cut> cutAt)
        {
            var rig = new BirthRig(cutAt: cutAt);
            rig.Add(1, BirthRig.One);
            rig.Add(2, BirthRig.Two);
            rig.Order(_quota);
            for (uint build = 1; build <= 3; build++)
            {
                rig.Build(1, build, Key(build));
                rig.Build(2, build, Key(10 + build));
            }

            rig.In(TimeSpan.FromDays(12), () => Retire(rig, 2));
            rig.Run(BirthRig.At(30));
            Assert.True(rig.Hub(BirthRig.Two).Roster[new NodeId(2)].IsRetired);
            Assert.True(rig.Node(2).IsRetired);
            return (rig.Steps,
            [
                .. rig.Hubs.Keys.SelectMany(region => rig.Hub(region).Births.Births.Values)
                    .Where(one => one.Enrolled != Instant.Never)
                    .Select(one => Name(one.Certificate.PublicKey)).Order(),
            ]);
        }
    }

    private static void Retire(BirthRig rig, uint node)
    {
        rig.Tell(BirthRig.Two, new HubInput.RetireOrdered(new NodeId(node), IsLost: false));
        if (!rig.Hub(BirthRig.Two).Roster[new NodeId(node)].IsRetired)
        {
            rig.In(TimeSpan.FromDays(1), () => Retire(rig, node));
        }
    }

    // With every certificate that it has given, one for another key.
    private static void Cheat(BirthRig rig, uint parent, uint key)
    {
        foreach (SignedBirth birth in rig.Certificates.Values.ToArray())
        {
            if (birth.Certificate.Parent.Value == parent)
            {
                rig.Show(BirthRig.Forged(birth, Key(key++), BirthRig.KeyOf(parent)));
            }
        }
    }

    private static BirthRig Begin()
    {
        var rig = new BirthRig();
        rig.Add(1, BirthRig.One);
        rig.Add(3, BirthRig.One);
        rig.Add(2, BirthRig.Two);
        rig.Order(_quota);
        rig.Run(BirthRig.At(3));
        return rig;
    }

    // Numbers that a parent was lent, and has given to nobody.
    private static BirthLeased Lend(BirthRig rig, uint parent, uint count)
    {
        rig.HidesChildren = true;
        for (uint build = 1; build <= count; build++)
        {
            byte[] key = Key((60 * parent) + build);
            rig.Tell(new NodeId(parent), new NodeInput.ChildBuilt(new Built(build, key, 1, 1)));
        }

        for (int i = 0; i < 200 && !Leases().Any(); i++)
        {
            rig.Run(rig.Now + TimeSpan.FromMinutes(15));
        }

        return Leases().Last().Lease;

        IEnumerable<BirthFact.Leased> Leases() => rig.Hub(BirthRig.One).Births.Leases.Values
            .Where(lease => lease.Parent == new NodeId(parent));
    }

    private static void AllRebuilt(BirthRig rig)
    {
        rig.Strategy.IsRebuilt();
        foreach (var hub in rig.Hubs.Values)
        {
            hub.IsRebuilt();
        }

        foreach (var node in rig.Nodes.Values)
        {
            node.IsRebuilt();
        }
    }

    private static long Balance(BirthRig rig, RegionId region, uint node) =>
        rig.Hub(region).Books[new AccountId(AccountKind.Balance, node)].Micro;

    private static long Reserve(BirthRig rig, RegionId region) =>
        rig.Hub(region).Books[new AccountId(AccountKind.Reserve, 0)].Micro;

    private static byte[] Key(uint number) => SHA256.HashData(BitConverter.GetBytes(number));

    private static string Name(byte[] key) => Convert.ToHexString(key);
}
