using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>What the numbers of an order divide a fleet by.</summary>
public class RolloutGroupTests
{
    private static readonly MachineKind[] _kinds =
    [
        .. from one in Enumerable.Range(1, 9)
           from generation in Enumerable.Range(1, 9)
           select new MachineKind(one, generation),
    ];

    [Fact]
    public void A_number_of_a_class_is_what_it_always_was()
    {
        for (int number = 0; number < RolloutGroup.GenerationUnit; number += 7)
        {
            var group = new RolloutGroup(number);
            Assert.Equal((number, 0, RolloutSplit.Class), (group.Class, group.Generation, group.Split));
            Assert.True(group.Has(new MachineKind(number, 1)) && group.Has(new MachineKind(number, 30_000)));
            Assert.False(group.Has(new MachineKind(number + 1, 0)));
        }

        Assert.Equal(131_072, RolloutGroup.OfGeneration(2).Number);
        Assert.Equal(131_075, RolloutGroup.OfStrain(new MachineKind(3, 2)).Number);
        Assert.Equal(int.MaxValue, RolloutGroup.OfStrain(new MachineKind(65_535, 32_767)).Number);
    }

    [Fact]
    public void The_groups_of_a_kind_have_every_machine_once()
    {
        int[][] orders =
        [
            [.. Enumerable.Range(1, 9)],
            [.. Enumerable.Range(1, 9).Select(one => RolloutGroup.OfGeneration(one).Number)],
            [.. _kinds.Select(kind => RolloutGroup.OfStrain(kind).Number)],
        ];
        foreach (int[] order in orders)
        {
            Assert.All(_kinds, kind => Assert.Single(order, number => new RolloutGroup(number).Has(kind)));
            Assert.Single(order.Select(number => new RolloutGroup(number).Split).Distinct());
        }
    }

    [Theory]
    [InlineData(true, 1, 2, 3)]
    [InlineData(true, 65_536, 131_072)]
    [InlineData(true, 65_537, 65_538, 131_073)]
    [InlineData(false, 1, 65_536)]
    [InlineData(false, 65_536, 65_537)]
    [InlineData(false, 2, 131_073)]
    [InlineData(false, 131_072, 65_536)]
    public void An_order_goes_by_one_of_them(bool isSound, params int[] groups) => Assert.Equal(
        isSound,
        new Rollout(
            1, SkillFunction.Extraction, 1, Digest.Of([3]), 100, [.. groups],
            new SkillTrial(4, default, TimeSpan.FromDays(7), TimeSpan.FromHours(6)),
            RolloutRules.Standard).IsSound);
}
