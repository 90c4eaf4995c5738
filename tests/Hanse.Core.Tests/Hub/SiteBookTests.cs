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

    [Fact]
    public void Two_nodes_close_a_site_and_everybody_hears_so_once()
    {
        var book = new SiteBook();
        Assert.Equal([], Closed(book, GaveOut(1, site: 3)));
        Assert.Equal([], Closed(book, GaveOut(1, site: 3))); // One voice, however often.
        Assert.Equal([], Closed(book, GaveOut(2, site: 4)));
        Assert.Equal([3U], Closed(book, GaveOut(2, site: 3)));
        Assert.Equal([3U], Closed(book, GaveOut(3, site: 3), new HubFact.SiteTold(
            new NodeId(4), Told(3, 1_000_000)))); // For good.
        (ImmutableArray<SiteRatio> news, ulong version) = book.NewsFor(new NodeId(9));
        Assert.Equal([SiteRatio.GaveOut(_depot, new SiteId(3))], news);
        book.Apply(new HubFact.SitesPosted(new NodeId(9), version));
        Assert.Empty(book.NewsFor(new NodeId(9)).Ratios);
    }

    [Fact]
    public void One_liar_closes_nothing_where_others_dig()
    {
        var book = new SiteBook();
        for (uint node = 2; node < 30; node++)
        {
            Assert.Equal([], Closed(book, GaveOut(1, site: 3)));
            book.Apply(new HubFact.SiteTold(new NodeId(node), Told(3, 1_000_000)));
            Assert.Equal([], Closed(book, GaveOut(node % 2 == 0 ? 1U : node, site: 3 + (node % 2))));
            book.Apply(new HubFact.SiteTold(new NodeId(40), Told(3 + (node % 2), 1_000_000)));
        }
    }

    [Fact]
    public void What_is_known_of_closed_sites_survives_a_crash()
    {
        var book = new SiteBook();
        _ = Closed(book, GaveOut(1, site: 3), GaveOut(2, site: 3), GaveOut(1, site: 4));
        var again = new SiteBook();
        byte[] before = Snapshot.Of(book.Shape);
        Snapshot.Into(before, again.Shape);
        Assert.Equal(before, Snapshot.Of(again.Shape));
        Assert.Equal([3U, 4], Closed(again, GaveOut(2, site: 4)));
    }

    private static HubFact GaveOut(uint node, uint site) =>
        new HubFact.SiteTold(new NodeId(node), SiteRatio.GaveOut(_depot, new SiteId(site)));

    private static uint[] Closed(SiteBook book, params HubFact[] facts)
    {
        foreach (HubFact fact in facts)
        {
            book.Apply(fact);
        }

        return [.. Enumerable.Range(1, 9).Select(site => (uint)site)
            .Where(site => book.IsOver(_depot, new SiteId(site)))];
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
