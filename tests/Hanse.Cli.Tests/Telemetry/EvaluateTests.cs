using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hanse.Cli.Tests.Commands;
using Xunit;

namespace Hanse.Cli.Tests.Telemetry;

/// <summary><c>hanse telemetry evaluate</c>, on the data of this repository and on what is no data.</summary>
public sealed class EvaluateTests : IDisposable
{
    private readonly Rig _rig = new();

    private static string Data => Path.Combine(Repository.Root, "data", "telemetry");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void The_figures_of_the_document_hold()
    {
        JsonElement report = Evaluate(Path.Combine(Data, "smap_msl"));
        JsonElement total = report.GetProperty("total");
        Assert.Equal(18, report.GetProperty("channels").GetArrayLength());
        Assert.Equal(117_146, total.GetProperty("samples").GetInt64());
        Assert.Equal(117_146 * 16, total.GetProperty("fullBytes").GetInt64());
        Assert.InRange(total.GetProperty("maxError").GetDecimal(), 0, 0.1m);
        Assert.InRange(total.GetProperty("entryShare").GetDouble(), 0.05, 0.125);
        Assert.InRange(total.GetProperty("byteShare").GetDouble(), 0.003, 0.0052);
        Assert.Equal(30, total.GetProperty("segmentsLabelled").GetInt32());
        Assert.InRange(total.GetProperty("segmentsDetected").GetInt32(), 24, 30);
        Assert.InRange(total.GetProperty("falseAlarmRate").GetDouble(), 0, 0.0003);
        Assert.InRange(total.GetProperty("falseAlarmSampleShare").GetDouble(), 0, 0.01);
        Assert.True(total.GetProperty("segmentsDetected").GetInt32()
            > 4 * total.GetProperty("randomSegmentsExpected").GetDouble());
        Assert.True(total.GetProperty("segmentsDetected").GetInt32()
            > 2 * total.GetProperty("rangeCheckSegmentsDetected").GetInt32());
    }

    [Fact]
    public void A_real_clock_that_went_back_is_reported_and_every_row_is_a_sample()
    {
        string file = Path.Combine(Data, "nab", "machine_temperature_system_failure.csv");
        JsonElement channel = Evaluate(file, "--band", "2").GetProperty("channels")[0];
        Assert.Equal(22_695, channel.GetProperty("samples").GetInt32());
        JsonElement step = Assert.Single(channel.GetProperty("clockSteps").EnumerateArray());
        Assert.Equal(-3300, step.GetProperty("seconds").GetDouble());
        Assert.Equal("2014-01-07 02:55:00", step.GetProperty("from").GetString());
        Assert.Equal("2014-01-07 02:00:00", step.GetProperty("to").GetString());
        int line = step.GetProperty("line").GetInt32();
        Assert.StartsWith("2014-01-07 02:00:00,", File.ReadAllLines(file)[line - 1],
            StringComparison.Ordinal);
        Assert.Equal(4, channel.GetProperty("segmentsLabelled").GetInt32());
        Assert.InRange(channel.GetProperty("maxError").GetDecimal(), 0, 2);
    }

    [Fact]
    public void Real_duplicate_stamps_and_a_gap_are_reported()
    {
        string file = Path.Combine(Data, "nab", "ec2_request_latency_system_failure.csv");
        JsonElement channel = Evaluate(file, "--band", "1").GetProperty("channels")[0];
        Assert.Equal(11, channel.GetProperty("duplicates").GetArrayLength());
        Assert.Contains(channel.GetProperty("gaps").EnumerateArray(),
            gap => gap.GetProperty("seconds").GetDouble() == 3840);
        Assert.Equal(4_032, channel.GetProperty("samples").GetInt32());
    }

    [Fact]
    public void A_table_is_for_people()
    {
        Assert.Equal(0, _rig.Run("telemetry", "evaluate", Path.Combine(Data, "smap_msl", "T-12_test.csv"),
            "--window", "500", "--no-commands"));
        Assert.Contains("T-12", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("in windows of up to 500 samples, commands not known", _rig.Output,
            StringComparison.Ordinal);
        Assert.Empty(_rig.Error);
    }

    [Fact]
    public void A_training_file_is_a_series_only_when_its_test_file_is_nowhere()
    {
        string train = Given("x_train.csv", "t,value\n0,1\n1,1\n2,1\n3,1\n");
        JsonElement alone = Evaluate(train);
        Assert.Equal("x_train", alone.GetProperty("channels")[0].GetProperty("channel").GetString());
        string test = Given("x_test.csv", "t,value\n0,1\n1,1\n2,1\n3,9\n");
        JsonElement both = Evaluate(train, test);
        JsonElement channel = Assert.Single(both.GetProperty("channels").EnumerateArray());
        Assert.Equal("x", channel.GetProperty("channel").GetString());
        Assert.Equal(1, channel.GetProperty("alarmEvents").GetInt32());
    }

    [Theory]
    [InlineData("", ":1:1: is empty")]
    [InlineData("a,b\n1,2\n", ":1:1: has no column 'value'")]
    [InlineData("value\n1\n", ":1:1: has no column 'timestamp' or 't'")]
    [InlineData("t,value\n", "ends without a row")]
    [InlineData("t,value\n0,1\n1,abc\n", ":3:3: 'abc' is not a number")]
    [InlineData("t,value\n0,NaN\n", ":2:3: 'NaN' is not a number")]
    [InlineData("t,value\n0,-Infinity\n", ":2:3: '-Infinity' is not a number")]
    [InlineData("t,value\n0,1e400\n", ":2:3: '1e400' is not a number")]
    [InlineData("t,value\n0,1e20\n", ":2:3: '1e20' is more than a thousand million dead bands")]
    [InlineData("t,value\n0,\n", ":2:3: '' is not a number")]
    [InlineData("t,value\n0,1,2\n", ":2:1: has 3 fields")]
    [InlineData("t,value\nx,1\n", ":2:1: 'x' is not a number")]
    [InlineData("timestamp,value\n2014-13-01 00:00:00,1\n", "is not a date")]
    [InlineData("t,value,cmd\n0,1,a;b\n", "is not a list of command flags")]
    [InlineData("t,value,cmd\n0,1,;\n", "is not a list of command flags")]
    [InlineData("\0\u0001\u0002,\u001b[2J\n\0", ":1:1: has no column 'value'")]
    public void What_is_no_telemetry_is_refused_with_its_place(string text, string reason)
    {
        string file = Given("bad.csv", text);
        Assert.Equal(2, _rig.Run("telemetry", "evaluate", file));
        Assert.Empty(_rig.Output);
        Assert.Contains(file + ":", _rig.Error, StringComparison.Ordinal);
        Assert.Contains(reason, _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_a_million_characters_and_a_file_of_too_many_rows_are_refused()
    {
        string wide = Given("wide.csv", "t,value\n0," + new string('1', 1_000_000) + "\n");
        Assert.Equal(2, _rig.Run("telemetry", "evaluate", wide));
        Assert.Contains(":2:1: is longer than 4,096 characters", _rig.Error, StringComparison.Ordinal);
        string tall = Given("tall.csv", "t,value\n" + string.Concat(Enumerable.Repeat("0,1\n", 1_000_001)));
        Assert.Equal(2, _rig.Run("telemetry", "evaluate", tall));
        Assert.Contains("at most 1,000,000", _rig.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("channel,anomaly_start,anomaly_end\nx,5,4\n", "ends before it begins")]
    [InlineData("channel,anomaly_start,anomaly_end\nx,-1,4\n", "is not a row number")]
    [InlineData("file,window_start,window_end\nx,1,2\n", "is not a date")]
    [InlineData("what\n", "has no column")]
    public void What_is_no_label_is_refused(string text, string reason)
    {
        string file = Given("x.csv", "t,value\n0,1\n1,1\n");
        string labels = Given("wrong.csv", text);
        Assert.Equal(2, _rig.Run("telemetry", "evaluate", file, "--labels", labels));
        Assert.Contains(reason, _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_reach_beyond_a_series_are_cut_and_those_outside_are_left_out()
    {
        string file = Given("x_test.csv", "t,value\n0,1\n1,1\n2,1\n3,9\n");
        _ = Given("x_train.csv", "t,value\n0,1\n");
        _ = Given("labels.csv", "channel,anomaly_start,anomaly_end\nx,3,4000000000\nx,4,9\ny,0,1\n");
        JsonElement channel = Evaluate(file).GetProperty("channels")[0];
        Assert.Equal(1, channel.GetProperty("segmentsLabelled").GetInt32());
        Assert.Equal(1, channel.GetProperty("segmentsDetected").GetInt32());
        Assert.Equal(3, channel.GetProperty("nominalSamples").GetInt32());
    }

    [Theory]
    [InlineData(3, "no-such.csv")]
    [InlineData(2, "x.csv", "--band", "0")]
    [InlineData(2, "x.csv", "--band", "NaN")]
    [InlineData(2, "x.csv", "--window", "65537")]
    [InlineData(2, "x.csv", "-o", "xml")]
    [InlineData(2)]
    public void Bad_usage_is_refused(int code, params string[] arguments)
    {
        Assert.Equal(code, _rig.Run(["telemetry", "evaluate", .. arguments]));
        Assert.Empty(_rig.Output);
        Assert.StartsWith("hanse: ", _rig.Error, StringComparison.Ordinal);
    }

    private JsonElement Evaluate(params string[] arguments)
    {
        int code = _rig.Run(["telemetry", "evaluate", "-o", "json", .. arguments]);
        Assert.True(code == 0, _rig.Error);
        return JsonDocument.Parse(_rig.Output).RootElement;
    }

    private string Given(string name, string text)
    {
        string file = _rig.File(name);
        File.WriteAllText(file, text);
        return file;
    }
}
