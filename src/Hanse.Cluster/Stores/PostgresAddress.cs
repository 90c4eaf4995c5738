using System;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using Npgsql;

namespace Hanse.Cluster.Stores;

/// <summary>Where a database is, in either of the ways in which people write it.</summary>
public static class PostgresAddress
{
    /// <summary>Reads <c>postgres://user:password@host:port/database?key=value</c>, or what Npgsql
    /// reads.</summary>
    /// <param name="text">Either.</param>
    /// <param name="connection">As Npgsql reads it; null when it is neither.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out string? connection)
    {
        try
        {
            connection = (Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
                && url.Scheme is "postgres" or "postgresql" ? Of(url)
                : new NpgsqlConnectionStringBuilder(text)).ToString();
            return connection.Length > 0;
        }
        catch (ArgumentException)
        {
            connection = null;
            return false;
        }
    }

    private static NpgsqlConnectionStringBuilder Of(Uri url)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host.Trim('[', ']'),
            Port = url.Port > 0 ? url.Port : NpgsqlConnection.DefaultPort,
        };
        string[] user = [.. url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString)];
        settings.Username = user[0].Length > 0 ? user[0] : null;
        settings.Password = user.Length > 1 ? user[1] : null;
        settings.Database = Uri.UnescapeDataString(url.AbsolutePath.Trim('/')) is { Length: > 0 } name
            ? name : null;
        foreach (string pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = [.. pair.Split('=', 2).Select(Uri.UnescapeDataString)];
            settings[sides[0]] = sides.Length > 1 ? sides[1] : "";
        }

        return settings;
    }
}
