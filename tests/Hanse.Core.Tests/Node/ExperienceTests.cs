using System;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Node;

/// <summary>What a machine learns of its sites and of its own wear.</summary>
public sealed class ExperienceTests
{
    private static readonly SiteId _site = new(3);
    private static readonly PartsPerMillion _assay = new(100_000);

    [Fact]
    public void A_site_that_was_dug_is_believed_and_another_is_by_half()
    {
        var experience = new Experience();
        Dig(experience, taken: 12_500);
        Dig(experience, taken: 12_500);
        Dig(experience, taken: 12_500);
        Assert.InRange(experience.Grade(_site, Commodity.Iron, _assay).Value, 80_000, 81_000);
        Assert.InRange(experience.Grade(new SiteId(4), Commodity.Iron, _assay).Value, 90_000, 91_000);
        Assert.True(experience.Has(_site, Commodity.Iron));
        Assert.False(experience.Has(_site, Commodity.Nickel));
    }

    [Fact]
    public void What_others_dug_is_believed_times_what_this_machine_digs_over_others()
    {
        var experience = new Experience();
        experience.Apply(new NodeFact.SitesHeard([Told(3, 800_000), Told(4, 1_200_000)]));
        Assert.True(experience.Has(new SiteId(4), Commodity.Iron));
        Assert.Equal(80_000, experience.Grade(_site, Commodity.Iron, _assay).Value);
        Assert.Equal(120_000, experience.Grade(new SiteId(4), Commodity.Iron, _assay).Value);

        // Where others dug 0.8 of the assay it digs 0.88: it is a tenth faster, and half of that is believed.
        Dig(experience, taken: 11_364);
        Dig(experience, taken: 11_364);
        Dig(experience, taken: 11_364);
        Assert.InRange(experience.Grade(_site, Commodity.Iron, _assay).Value, 87_700, 88_000);
        Assert.InRange(experience.Grade(new SiteId(4), Commodity.Iron, _assay).Value, 125_700, 126_000);
    }

    private static SiteRatio Told(uint site, int ratio) =>
        new(new DepotId(1), new SiteId(site), Commodity.Iron, new PartsPerMillion(ratio));

    [Fact]
    public void A_single_reading_of_wear_is_believed_by_half_and_many_are_in_full()
    {
        var experience = new Experience();
        Wear(experience, from: 100_000, to: 113_000);
        Assert.Equal(11_500, experience.Wear(new PartsPerMillion(10_000)).Value);
        for (int trip = 0; trip < 40; trip++)
        {
            Wear(experience, from: 100_000, to: 113_000);
        }

        Assert.InRange(experience.Wear(new PartsPerMillion(10_000)).Value, 12_900, 13_000);
    }

    [Fact]
    public void Wear_that_went_down_or_was_not_watched_teaches_nothing()
    {
        var experience = new Experience();
        Assert.Null(experience.Worn(5_000, new PartsPerMillion(10_000)));
        experience.Apply(new NodeFact.WearSeen(100_000));
        Assert.Null(experience.Worn(90_000, new PartsPerMillion(10_000)));
        Assert.Null(experience.Worn(110_000, default));
    }

    [Fact]
    public void Whatever_sensors_say_a_grade_stays_within_half_and_double_and_so_does_wear() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[1, long.MaxValue], Gen.Long[0, 2_000_000])
            .Array[1, 9]
            .Sample(drawn =>
            {
                var experience = new Experience();
                foreach ((long byAssay, long taken, long wear) in drawn)
                {
                    experience.Apply(new NodeFact.Assayed(_site, Commodity.Iron, experience.Assay(
                        _site, Commodity.Iron, TimeSpan.FromTicks(byAssay), TimeSpan.FromTicks(taken))));
                    Wear(experience, from: 0, to: wear);
                }

                Assert.InRange(experience.Grade(_site, Commodity.Iron, _assay).Value, 50_000, 200_000);
                PartsPerMillion elsewhere = experience.Grade(new SiteId(9), Commodity.Iron, _assay);
                Assert.InRange(elsewhere.Value, 50_000, 200_000);
                Assert.InRange(experience.Wear(new PartsPerMillion(10_000)).Value, 5_000, 20_000);
            });

    private static void Dig(Experience experience, long taken) => experience.Apply(new NodeFact.Assayed(
        _site, Commodity.Iron, experience.Assay(
            _site, Commodity.Iron, TimeSpan.FromTicks(10_000), TimeSpan.FromTicks(taken))));

    private static void Wear(Experience experience, long from, long to)
    {
        experience.Apply(new NodeFact.WearSeen(from));
        if (experience.Worn(to, new PartsPerMillion(10_000)) is { } ratio)
        {
            experience.Apply(new NodeFact.WearLearnt(ratio));
        }
    }
}
