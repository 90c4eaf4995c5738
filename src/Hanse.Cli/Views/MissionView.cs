using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Simulation.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Hanse.Cli.Views;

/// <summary>A run on a terminal: the named bounties first, then market, fleet, books and news.</summary>
/// <remarks>Drawn anew from <see cref="MissionLog"/> each time; it keeps nothing but the scenario's name.
/// Everything that comes from a file is text, never markup.</remarks>
internal sealed class MissionView
{
    private const int BarWidth = 30;

    // Lines that everything but the news takes, apart from the named bounties' rows.
    private const int OtherLines = 17;
    private const int NewsMin = 3;

    private readonly string _title;
    private readonly ulong _seed;
    private readonly string _footer;

    /// <summary>A view of a run.</summary>
    /// <param name="title">Its name.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="footer">The last line.</param>
    public MissionView(string title, ulong seed, string footer = "Ctrl-C ends it.")
    {
        _title = title;
        _seed = seed;
        _footer = footer;
    }

    /// <summary>The picture of how things stand, for a terminal of a height.</summary>
    public IRenderable Draw(MissionLog log, int height)
    {
        if (log.Now is not { } now)
        {
            return new Text($"{_title}: building the world ...");
        }

        int newsMax = Math.Max(NewsMin, height - OtherLines - (2 * now.Named.Length));
        return new Rows(
            Header(now),
            Framed("wanted", Named(now)),
            Framed("market", Market(now)),
            Framed("fleet and books", Fleet(now)),
            Framed("news", News(log, newsMax)),
            new Text(_footer, new Style(decoration: Decoration.Dim)));
    }

    private Grid Header(RunProgress now)
    {
        double share = now.Elapsed / now.Total;
        return Columns(2).AddRow(
            new Markup($"[bold]{Markup.Escape(_title)}[/], seed {_seed}"),
            new Markup($"[bold]{Figures.Day(now.Elapsed)}[/] of {Figures.Number(now.Total.TotalDays)}  "
                + Bar((share, "blue", '━'), (1 - share, "grey", '─'))));
    }

    private static Rows Named(RunProgress now) => new(now.Named.SelectMany(bounty => new IRenderable[]
    {
        new Markup($"[bold]{Markup.Escape(bounty.Name)}[/]  {Bar(bounty)}  "
            + (bounty.FilledDay is { } day
                ? $"[green]filled on {Figures.Day(day)}[/]"
                : $"by {Figures.Day(bounty.DeadlineDay)}")),
        new Markup($"[green]{Figures.Number(bounty.DeliveredTonnes)} t delivered[/], "
            + $"[yellow]{Figures.Number(bounty.UnderContractTonnes)} t under contract[/], "
            + $"[grey]{Figures.Number(Open(bounty))} t open[/] of {Figures.Number(bounty.WantedTonnes)} t; "
            + $"{Figures.Credits(bounty.PaidCredits)} of {Figures.Credits(bounty.WorthCredits)} credits "
            + "paid"),
    }).DefaultIfEmpty(new Text("no bounty has a name in this scenario")));

    private static Grid Market(RunProgress now) => Columns(2)
        .AddRow(new Text("bounties"), new Text(
            $"{now.Bounties.Posted:N0} posted: {now.Bounties.Filled:N0} filled, "
                + $"{now.Bounties.PartlyFilled:N0} partly, "
            + $"{now.Bounties.Unfilled:N0} unfilled, {now.BountiesOpen:N0} on the market"))
        .AddRow(new Text("contracts"), new Text(
            $"{now.Contracts.Awarded:N0} awarded: {now.Contracts.Settled:N0} delivered, "
            + $"{now.Contracts.Expired:N0} ran out, {now.Contracts.Remarketed:N0} taken over, "
            + $"{now.Contracts.LateDeliveries:N0} late deliveries"));

    private static Grid Fleet(RunProgress now) => Columns(2)
        .AddRow(new Text("nodes"), new Markup(
            $"[green]{now.Alive:N0} alive[/], [red]{now.Dead:N0} dead[/], {now.UnderContract:N0} under "
                + $"contract, [yellow]{now.Late:N0} late[/]"))
        .AddRow(new Text("last heard"), new Text(
            $"median {Figures.Number(now.Staleness.P50Hours)} h ago, 99 % within "
            + $"{Figures.Number(now.Staleness.P99Hours)} h"))
        .AddRow(new Text("books"), new Text(Figures.Equation(now.Ledger)))
        .AddRow(new Text(""), now.Ledger.Balanced
            ? new Markup("[green]✓ balanced, to the microcredit[/]")
            : new Markup("[bold red]✗ NOT BALANCED[/]"));

    // Always as many lines as there is room for, so that the picture does not jump.
    private static Rows News(MissionLog log, int linesMax)
    {
        List<IRenderable> lines =
        [
            .. log.News.Reverse().Take(linesMax).Select(item => new Markup(
                $"[grey]{Figures.Day(item.At),-9}[/] [{Colour(item.Kind)}]{Markup.Escape(item.Text)}[/]")
            {
                Overflow = Overflow.Ellipsis,
            }),
        ];
        while (lines.Count < linesMax)
        {
            lines.Add(new Text(" "));
        }

        return new Rows(lines);
    }

    private static string Colour(RunEventKind kind) => kind switch
    {
        RunEventKind.NodeDied or RunEventKind.BountyFailed => "red",
        RunEventKind.ContractExpired or RunEventKind.LateDelivery => "yellow",
        RunEventKind.ContractReawarded or RunEventKind.BountyFilled => "green",
        RunEventKind.RegionDark => "blue",
        _ => "default",
    };

    private static double Open(NamedBountyStatus bounty) =>
        Math.Max(0, bounty.WantedTonnes - bounty.DeliveredTonnes - bounty.UnderContractTonnes);

    private static string Bar(NamedBountyStatus bounty) => Bar(
        (bounty.DeliveredTonnes / bounty.WantedTonnes, "green", '█'),
        (bounty.UnderContractTonnes / bounty.WantedTonnes, "yellow", '▒'),
        (Open(bounty) / bounty.WantedTonnes, "grey", '░'));

    // Parts of a whole side by side; what rounding leaves goes to the last.
    private static string Bar(params ReadOnlySpan<(double Share, string Colour, char Fill)> parts)
    {
        string bar = "";
        int used = 0;
        double sum = 0;
        foreach ((double share, string colour, char fill) in parts)
        {
            sum += share;
            int end = Math.Clamp((int)Math.Round(sum * BarWidth), used, BarWidth);
            bar += end > used ? $"[{colour}]{new string(fill, end - used)}[/]" : "";
            used = end;
        }

        return bar;
    }

    private static Grid Columns(int count)
    {
        var grid = new Grid();
        for (int i = 0; i < count; i++)
        {
            _ = grid.AddColumn(new GridColumn { NoWrap = i == 0, Padding = new Padding(0, 0, 2, 0) });
        }

        return grid;
    }

    private static Panel Framed(string title, IRenderable content) =>
        new(content) { Header = new PanelHeader($" {title} "), Border = BoxBorder.Rounded, Expand = true };
}
