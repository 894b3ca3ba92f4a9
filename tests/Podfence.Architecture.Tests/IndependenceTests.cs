using System.Text.RegularExpressions;

namespace Podfence.Architecture.Tests;

/// <summary>
/// The evaluator and the compiler each check the other, which only works while neither leans on the other's types:
/// a mistake in something shared would be made by both, and agree.
/// </summary>
public sealed partial class IndependenceTests
{
    private const string Evaluation = "src/Podfence.Policy/Evaluation";
    private const string Compilation = "src/Podfence.Policy/Compilation";

    [Theory]
    [InlineData(Evaluation, Compilation)]
    [InlineData(Compilation, Evaluation)]
    public void Sources_OfOneSide_NameNoTypeOfTheOther(string side, string other)
    {
        var foreign = Repository.Sources(other).SelectMany(f => TypesDeclaredIn(Repository.Text(f))).ToHashSet(StringComparer.Ordinal);
        var leaning = Repository.Sources(side).SelectMany(f => WordsIn(Repository.Text(f)).Where(foreign.Contains).Select(w => $"{f}: {w}"));

        Finding.None(leaning.Distinct());
    }

    // Otherwise a file beside the two folders would be the shared ground that the test above does not see.
    [Fact]
    public void Sources_OfThePolicyRoom_StandOnOneSideOrTheOther()
    {
        var neither = Repository.Sources("src/Podfence.Policy")
            .Where(f => !f.StartsWith(Evaluation + "/", StringComparison.Ordinal) && !f.StartsWith(Compilation + "/", StringComparison.Ordinal));

        Finding.None(neither);
    }

    [Fact]
    public void WordsIn_CommentsAndStrings_AreNotCode() =>
        Assert.Equal(["var", "a", "B"], WordsIn("// Evaluator\nvar a = \"Evaluator\"; /* Evaluator */ B();"));

    [Fact]
    public void TypesDeclaredIn_EveryKindOfType_IsFound() =>
        Assert.Equal(
            ["A", "B", "C", "D", "E", "F", "G"],
            TypesDeclaredIn("class A { record B(int X); } readonly record struct C; interface D<T>; enum E { } record class F; ref struct G { }"));

    private static IEnumerable<string> TypesDeclaredIn(string source) => Declaration().Matches(CodeOf(source)).Select(m => m.Groups["name"].Value);

    private static IEnumerable<string> WordsIn(string source) => Word().Matches(CodeOf(source)).Select(m => m.Value);

    private static string CodeOf(string source) => NotCode().Replace(source, " ");

    [GeneratedRegex(@"\b(?:class|struct|record(?:\s+(?:class|struct))?|interface|enum)\s+(?!class\b|struct\b)(?<name>\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b[A-Za-z_]\w*")]
    private static partial Regex Word();

    [GeneratedRegex("""//[^\n]*|/\*[\s\S]*?\*/|\"{3}[\s\S]*?\"{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])'""")]
    private static partial Regex NotCode();
}
