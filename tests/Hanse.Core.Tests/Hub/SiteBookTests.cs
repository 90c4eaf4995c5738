using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>What is believed of sites, from what nodes tell.</summary>
public sealed class SiteBookTests
{
    private static readonly DepotId _depot = new(1);

    // The same with lists and no versions: the last word of each node, the last of them that fit, their
    // median when it moved.
    [Fact]
    public void Posted_is_the_median_of_the_last_words_and_every_node_hears_all_of_it() =>
        Gen.Select(Gen.UInt[1, 25], Gen.UInt[1, 3], Gen.Int[SiteRatio.Min, SiteRatio.Max]).Array[0, 120]
            .Sample(tellings =>
            {
                var book = new SiteBook();
                var voices = new Dictionary<uint, List<(uint Node, int Ratio)>>();
                var posted = new Dictionary<uint, int>();
                var heard = new Dictionary<uint, int>();
                var listener = new NodeId(100);
                foreach ((uint node, uint site, int ratio) in tellings)
                {
                    book.Apply(new HubFact.SiteTold(new NodeId(node), Told(site, ratio)));
                    List<(uint Node, int Ratio)> told =
                        [.. voices.GetValueOrDefault(site, []).Where(v => v.Node != node), (node, ratio)];
                    voices[site] = told = [.. told.TakeLast(SiteBook.TellersMax)];
                    int median = told.Select(v => v.Ratio).Order().ElementAt(told.Count / 2);
                    bool isNew = !posted.TryGetValue(site, out int before)
                        || System.Math.Abs(median - before) > before * 0.01;
                    if (told.Count >= SiteBook.TellersMin && isNew)
                    {
                        posted[site] = median;
                    }

                    // Some windows are missed.
                    if (ratio % 3 == 0)
                    {
                        Listen(book, listener, heard);
                    }
                }

                Listen(book, listener, heard);
                Assert.Equal(posted.OrderBy(p => p.Key), heard.OrderBy(p => p.Key));
                Assert.All(posted, p => Assert.Equal(
                    p.Value, book.Posted(_depot, new SiteId(p.Key), Commodity.Iron)!.Value.Value));
                Assert.Empty(book.NewsFor(listener).Ratios);
            });

    [Fact]
    public void More_news_than_a_message_holds_come_in_several()
    {
        var book = new SiteBook();
        for (uint site = 1; site <= 70; site++)
        {
            for (uint node = 1; node <= 3; node++)
            {
                book.Apply(new HubFact.SiteTold(new NodeId(node), Told(site, 900_000)));
            }
        }

        int[] sizes = [.. Enumerable.Range(0, 4).Select(_ => Listen(book, new NodeId(9), []))];
        Assert.Equal([32, 32, 6, 0], sizes);
    }

    [Fact]
    public void A_minority_that_lies_moves_nothing_far()
    {
        var book = new SiteBook();
        for (uint node = 1; node <= 15; node++)
        {
            bool lies = node <= 7;
            int ratio = lies ? SiteRatio.Max : 900_000 + ((int)node * 1_000);
            book.Apply(new HubFact.SiteTold(new NodeId(node), Told(1, ratio)));
        }

        Assert.InRange(book.Posted(_depot, new SiteId(1), Commodity.Iron)!.Value.Value, 900_000, 930_000);
    }

    [Fact]
    public void A_full_book_hears_of_no_other_site()
    {
        var book = new SiteBook();
        for (uint site = 1; site <= SiteBook.SitesMax; site++)
        {
            Assert.True(book.Hears(Told(site, 1_000_000)));
            book.Apply(new HubFact.SiteTold(new NodeId(1), Told(site, 1_000_000)));
        }

        Assert.False(book.Hears(Told(SiteBook.SitesMax + 1, 1_000_000)));
        Assert.True(book.Hears(Told(5, 1_000_000)));
    }

    private static SiteRatio Told(uint site, int ratio) =>
        new(_depot, new SiteId(site), Commodity.Iron, new PartsPerMillion(ratio));

    private static int Listen(SiteBook book, NodeId node, Dictionary<uint, int> heard)
    {
        (ImmutableArray<SiteRatio> ratios, ulong version) = book.NewsFor(node);
        foreach (SiteRatio ratio in ratios)
        {
            heard[ratio.Site.Value] = ratio.Ratio.Value;
        }

        book.Apply(new HubFact.SitesPosted(node, version));
        return ratios.Length;
    }
}
