using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using Hanse.Cli.Keys;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse skill repo</c>: repositories of skills, as those change them who hold keys.</summary>
internal static class RepoCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("repo", "Keeps a repository of skills: a folder of packages, and of metadata of The Update "
            + "Framework that says who vouches for them.\n\n" + TrustConsole.CodesGuide)
        {
            New(surroundings), Delegate(surroundings), Withdraw(surroundings), Sign(surroundings),
            Refresh(surroundings),
        };

    /// <summary>The folder.</summary>
    public static Argument<string> RepositoryArgument() =>
        new("REPOSITORY") { Description = "The folder of the repository." };

    /// <summary>Changes a repository with the keys at hand, and tells what became of it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="repository">The folder.</param>
    /// <param name="keys">Private keys.</param>
    /// <param name="at">The date.</param>
    /// <param name="surroundings">Where the time is from.</param>
    /// <param name="change">The change; null when it was refused, which has been said.</param>
    public static int Change(
        ParseResult parsed, Argument<string> repository, Option<string[]> keys, Option<string?> at,
        Surroundings surroundings, Func<SkillRepository, TextWriter, RepositoryNews?> change)
    {
        string folder = parsed.GetRequiredValue(repository);
        InvocationConfiguration console = parsed.InvocationConfiguration;
        return JournalCommand.WithFiles(folder, console.Error, () =>
        {
            using var ring = new KeyRing();
            if (!ring.TryOpen(parsed.GetValue(keys) ?? [], console.Error)
                || TrustConsole.Date(parsed.GetValue(at), surroundings.Time, console.Error) is not { } now)
            {
                return ExitCode.Refused;
            }

            RepositoryNews? news = change(new SkillRepository(folder, ring.Keys, now), console.Error);
            return news is null ? ExitCode.Refused : TrustConsole.Tell(news, folder, console);
        });
    }

    private static Command New(Surroundings surroundings)
    {
        Argument<string> repository = RepositoryArgument();
        Option<string[]> Holders(string role, string about) => new("--" + role)
        {
            Description = $"A key of the {role} role, {about}: a file. May be given several times.",
            HelpName = "FILE",
            Required = true,
        };
        Option<string[]> root = Holders(TrustFormat.Root, "which says who may sign; kept offline");
        Option<string[]> targets = Holders(TrustFormat.Targets, "which says what is genuine; kept offline");
        Option<string[]> snapshot = Holders(TrustFormat.Snapshot, "which says what belongs together");
        Option<string[]> timestamp = Holders(TrustFormat.Timestamp, "which says what is newest");
        var threshold = new Option<int>("--threshold")
        {
            Description = "How many keys of the root must sign a change of it.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        var targetsThreshold = new Option<int>("--targets-threshold")
        {
            Description = "How many keys of targets must vouch for a skill.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        Option<string[]> keys = KeyRing.Option();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: false);
        var command = new Command("new", "Makes a repository without skills. What the keys at hand cannot "
            + "sign waits for the others' holders.\n\n" + TrustConsole.CodesGuide)
        {
            repository, root, targets, snapshot, timestamp, threshold, targetsThreshold, keys, at,
        };
        command.SetAction(parsed => Change(
            parsed, repository, keys, at, surroundings, (opened, error) =>
            {
                var roles = new SortedDictionary<string, RoleKeys>(StringComparer.Ordinal);
                foreach ((string role, Option<string[]> given, int least) in new[]
                {
                    (TrustFormat.Root, root, parsed.GetValue(threshold)),
                    (TrustFormat.Targets, targets, parsed.GetValue(targetsThreshold)),
                    (TrustFormat.Snapshot, snapshot, 1),
                    (TrustFormat.Timestamp, timestamp, 1),
                })
                {
                    if (KeyRing.Public(parsed.GetRequiredValue(given), error) is not { } read)
                    {
                        return null;
                    }

                    roles[role] = new RoleKeys(read, least);
                }

                return opened.Create(roles);
            }));
        return command;
    }

    private static Command Delegate(Surroundings surroundings)
    {
        Argument<string> repository = RepositoryArgument();
        var role = new Option<string>("--role")
        {
            Description = "The role's name, such as an author's.",
            HelpName = "NAME",
            Required = true,
        };
        var holder = new Option<string[]>("--holder")
        {
            Description = "A key of the role: a file. May be given several times. They replace those that it "
                + "had.",
            HelpName = "FILE",
            Required = true,
        };
        var path = new Option<string[]>("--path")
        {
            Description = "What it may vouch for: 'pricing/*'. May be given several times.",
            HelpName = "PATTERN",
            Required = true,
        };
        var threshold = new Option<int>("--threshold")
        {
            Description = "How many of its keys must sign.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        Option<string[]> keys = KeyRing.Option();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: false);
        var command = new Command("delegate", "Lets a role of its own vouch for some skills.\n\n"
            + TrustConsole.CodesGuide)
        {
            repository, role, holder, path, threshold, keys, at,
        };
        command.SetAction(parsed => Change(
            parsed, repository, keys, at, surroundings, (opened, error) =>
                KeyRing.Public(parsed.GetRequiredValue(holder), error) is not { } holders ? null
                    : opened.Delegate(
                        parsed.GetRequiredValue(role), new RoleKeys(holders, parsed.GetValue(threshold)),
                        parsed.GetRequiredValue(path))));
        return command;
    }

    private static Command Withdraw(Surroundings surroundings)
    {
        Argument<string> repository = RepositoryArgument();
        var skill = new Argument<string>("SKILL") { Description = "Name and version: pricing/1.2.0." };
        Option<string[]> keys = KeyRing.Option();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: false);
        var command = new Command("withdraw", "Has nobody vouch for a skill any more, so that no node takes "
            + "it from now on. Nodes that have it already are not reached by this.\n\n"
            + TrustConsole.CodesGuide)
        {
            repository, skill, keys, at,
        };
        command.SetAction(parsed => Change(
            parsed, repository, keys, at, surroundings,
            (opened, _) => opened.Withdraw(parsed.GetRequiredValue(skill))));
        return command;
    }

    private static Command Sign(Surroundings surroundings)
    {
        Argument<string> repository = RepositoryArgument();
        Option<string[]> keys = KeyRing.Option();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: false);
        var command = new Command("sign", "Signs what waits for signatures, and publishes what is complete. "
            + "Look at the folder 'drafts' before: it has what you are about to sign.\n\n"
            + TrustConsole.CodesGuide)
        {
            repository, keys, at,
        };
        command.SetAction(parsed => Change(
            parsed, repository, keys, at, surroundings, (opened, _) => opened.Settle()));
        return command;
    }

    private static Command Refresh(Surroundings surroundings)
    {
        Argument<string> repository = RepositoryArgument();
        var role = new Option<string[]>("--role")
        {
            Description = "What is signed anew; timestamp unless given. May be given several times.",
            HelpName = "ROLE",
        };
        Option<string[]> keys = KeyRing.Option();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: false);
        var command = new Command("refresh", "Signs metadata anew before it expires. A timestamp is good for "
            + "90 days, a snapshot for a year, targets for three, root for ten.\n\n"
            + TrustConsole.CodesGuide)
        {
            repository, role, keys, at,
        };
        command.SetAction(parsed => Change(
            parsed, repository, keys, at, surroundings,
            (opened, _) => opened.Refresh(parsed.GetValue(role) ?? [])));
        return command;
    }
}
