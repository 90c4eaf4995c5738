using System;
using Hanse.Core.Estimate;
using Xunit;

namespace Hanse.Core.Tests.Estimate;

/// <summary>The quantiles in the table, computed again.</summary>
public sealed class ChiSquareTests
{
    [Fact]
    public void Every_bound_is_exceeded_as_seldom_as_it_says()
    {
        foreach (Significance alpha in Enum.GetValues<Significance>())
        {
            double stated = Math.Pow(10, -1 - (int)alpha);
            for (int freedom = 1; freedom <= ChiSquare.FreedomMax; freedom++)
            {
                double bound = ChiSquare.Bound(freedom, alpha) / 1_000.0;
                Assert.InRange(Above(freedom, bound), stated * 0.999, stated);
            }
        }
    }

    [Fact]
    public void One_degree_of_freedom_is_the_square_of_a_normal() =>
        Assert.Equal(3_291, ChiSquare.Sigmas(Significance.OneInThousand)); // 3.2905

    // Upper tail by Simpson's rule over the density, in x = t^2 so that one degree of freedom is finite at 0.
    private static double Above(int freedom, double bound)
    {
        const int Steps = 4_000;
        double from = Math.Sqrt(bound);
        double width = 12.0 / Steps;
        double sum = 0;
        for (int i = 0; i <= Steps; i++)
        {
            double t = from + (i * width);
            double density = Math.Exp(((freedom - 1) * Math.Log(t)) - (t * t / 2));
            sum += density * (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2);
        }

        return sum * width / 3 / (Math.Pow(2, (freedom / 2.0) - 1) * Gamma(freedom));
    }

    // The gamma function of half a whole number.
    private static double Gamma(int twice) =>
        twice == 1 ? Math.Sqrt(Math.PI) : twice == 2 ? 1 : ((twice / 2.0) - 1) * Gamma(twice - 2);
}
