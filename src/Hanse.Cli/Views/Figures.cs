using System;
using System.Globalization;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Views;

/// <summary>Numbers as people read them, alike everywhere.</summary>
internal static class Figures
{
    /// <summary>With thousands apart and at most one decimal.</summary>
    public static string Number(double number) => number.ToString("#,##0.#", CultureInfo.InvariantCulture);

    /// <summary>Whole, with thousands apart.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Credits, to the hundredth.</summary>
    public static string Credits(double credits) => credits.ToString("#,##0.00",
        CultureInfo.InvariantCulture);

    /// <summary><c>day 12.3</c>.</summary>
    public static string Day(double day) => "day " + day.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary><c>day 12.3</c>.</summary>
    public static string Day(TimeSpan elapsed) => Day(elapsed.TotalDays);

    /// <summary>A share of a whole, which may be nothing, without decimals.</summary>
    public static string Percent(double part, double whole) =>
        whole > 0 ? (100 * part / whole).ToString("0", CultureInfo.InvariantCulture) + " %" : "0 %";

    /// <summary>Bytes in the largest fitting unit.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        >= 1e9 => (bytes / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + " GB",
        >= 1e6 => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " MB",
        _ => Count((long)bytes) + " bytes",
    };

    /// <summary>Both sides of the books.</summary>
    public static string Equation(LedgerTotals ledger) =>
        $"minted {Credits(ledger.Minted)} = escrow {Credits(ledger.Escrow)} + in transit "
            + $"{Credits(ledger.InTransit)}"
        + $" + balances {Credits(ledger.Balances)} + spent {Credits(ledger.Burned)}";
}
