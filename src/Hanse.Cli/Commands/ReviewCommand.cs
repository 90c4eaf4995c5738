using System;
using System.CommandLine;
using System.IO;
using Hanse.Cli.Reviews;
using Hanse.Cli.Views;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse review</c>: what rules left to a person, and the person's word on it.</summary>
internal static class ReviewCommand
{
    private const string DefaultFile = "hanse-cases.json";

    /// <summary>The command.</summary>
    public static Command Create() =>
        new("review", "Shows the cases that a run left to an operator, and takes a word on them. A run "
            + "writes them with 'hanse sim run --cases FILE'; the words are carried out by 'hanse sim run "
            + "--reviews FILE'.\n\n" + ExitCode.Guide)
        {
            List(),
            Show(),
            Decide("accept", "Agrees: with the rule that decided a conflict, or with a return in quarantine.",
                isAccepted: true),
            Decide("reject", "Disagrees: decides a conflict for the node, or leaves a return in quarantine.",
                isAccepted: false),
        };

    private static Command List()
    {
        Option<string> file = FileOption();
        Option<string> form = FormOption();
        var command = new Command("list", "Lists all cases, by region and number.") { file, form };
        command.SetAction(parsed => Answer(parsed, file, cases =>
        {
            if (parsed.GetValue(form) == "json")
            {
                parsed.InvocationConfiguration.Output.WriteLine(CaseTable.Json(cases.Cases));
            }
            else
            {
                CaseTable.List(parsed.InvocationConfiguration.Output, cases.Cases);
            }
        }));
        return command;
    }

    private static Command Show()
    {
        Argument<string> number = NumberArgument();
        Option<string> file = FileOption();
        Option<string> form = FormOption();
        var command = new Command("show", "Shows one case: what is contested, what holds meanwhile, and what "
            + "each word does.") { number, file, form };
        command.SetAction(parsed => Answer(parsed, file, cases =>
        {
            FiledCase filed = cases.Find(parsed.GetRequiredValue(number));
            if (parsed.GetValue(form) == "json")
            {
                parsed.InvocationConfiguration.Output.WriteLine(CaseTable.Json(filed));
            }
            else
            {
                CaseTable.Show(parsed.InvocationConfiguration.Output, filed);
            }
        }));
        return command;
    }

    private static Command Decide(string word, string about, bool isAccepted)
    {
        Argument<string> number = NumberArgument();
        Option<string> file = FileOption();
        Option<string> form = FormOption();
        var command = new Command(
            word, about + " The word is written into the file; a later one replaces it.")
        {
            number, file, form,
        };
        command.SetAction(parsed => Answer(parsed, file, cases =>
        {
            FiledCase filed = cases.Find(parsed.GetRequiredValue(number));
            CasesFile decided = cases.With(filed, isAccepted);
            decided.Write(parsed.GetRequiredValue(file));
            FiledCase after = decided.Find(filed.Name);
            string was = filed.Word is { } before && before != after.Word ? $", no more {before}" : "";
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(form) == "json"
                ? CaseTable.Json(after)
                : $"case {after.Name}: {after.Word}{was}. "
                    + (isAccepted ? after.View.IfAccepted : after.View.IfRejected));
        }));
        return command;
    }

    private static int Answer(ParseResult parsed, Option<string> file, Action<CasesFile> answer)
    {
        string path = parsed.GetRequiredValue(file);
        TextWriter error = parsed.InvocationConfiguration.Error;
        try
        {
            answer(CasesFile.Read(path));
            return ExitCode.Fine;
        }
        catch (CasesRefusedException refused)
        {
            error.WriteLine($"hanse: {refused.Message}");
            return ExitCode.Refused;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"hanse: {path} cannot be read or written: {failure.Message} Make it with 'hanse "
                + $"sim run SCENARIO --cases {path}'.");
            return ExitCode.Environment;
        }
    }

    private static Argument<string> NumberArgument() => new("N")
    {
        Description = "The case: REGION.CASE, or CASE where only one region has that number.",
    };

    private static Option<string> FileOption()
    {
        var option = new Option<string>("--file")
        {
            Description = "The file of cases.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DefaultFile,
        };
        option.Aliases.Add("-f");
        return option;
    }

    private static Option<string> FormOption()
    {
        var option = new Option<string>("--output")
        {
            Description = "The form: table or json.",
            HelpName = "table|json",
            DefaultValueFactory = _ => "table",
        };
        option.Aliases.Add("-o");
        return option.AcceptOnlyFromAmong("table", "json");
    }
}
