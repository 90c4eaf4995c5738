using System.CommandLine;
using Hanse.Server.Operations;

namespace Hanse.Cli.Commands;

/// <summary>The options of a server that lets operators in by the word of an OpenID provider.</summary>
/// <param name="Issuer">Whose.</param>
/// <param name="Audience">For what its tokens are made.</param>
/// <param name="Roles">Where they have the roles.</param>
internal sealed record OpenIdOptions(
    Option<string?> Issuer, Option<string?> Audience, Option<string> Roles)
{
    /// <summary>Makes them.</summary>
    public static OpenIdOptions Create() => new(
        new Option<string?>("--oidc")
        {
            Description = "An OpenID provider whose tokens let operators in, besides those of the file: its "
                + "issuer, such as https://login.example.org/realms/fleet.",
            HelpName = "ISSUER",
        },
        new Option<string?>("--oidc-audience")
        {
            Description = "The audience that its tokens for this mission name.",
            HelpName = "NAME",
        },
        new Option<string>("--oidc-roles")
        {
            Description = "The claim with hanse-viewer, hanse-operator or hanse-admin; dots lead into "
                + "objects, as in realm_access.roles.",
            HelpName = "CLAIM",
            DefaultValueFactory = _ => OpenIdRules.RolesClaim,
        });

    /// <summary>Reads them.</summary>
    /// <returns>The rules, or null without a provider; and what is wrong with them.</returns>
    public (OpenIdRules? Rules, string? Mistake) Read(ParseResult parsed)
    {
        string? audience = parsed.GetValue(Audience);
        if (parsed.GetValue(Issuer) is not { } issuer)
        {
            return (null, audience is null ? null : "--oidc-audience is for --oidc");
        }

        var rules = new OpenIdRules(issuer, audience ?? "", parsed.GetRequiredValue(Roles));
        return rules.Mistake() is { } mistake ? (null, "--oidc, --oidc-audience: " + mistake) : (rules, null);
    }
}
