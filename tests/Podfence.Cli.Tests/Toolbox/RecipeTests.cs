namespace Podfence.Cli.Tests;

/// <summary>
/// semantics.md S10: each folder of tests/scenarios/recipes holds a cluster, the policies of a published recipe, and
/// what they must do.
/// </summary>
public sealed class RecipeTests
{
    public static TheoryData<string> Recipes => CommandRun.Scenarios("recipes");

    [Theory, MemberData(nameof(Recipes))]
    public async Task Test_Recipe_Holds(string recipe)
    {
        var run = await CommandRun.RunAsync(
            "test",
            "-f",
            File(recipe, "cluster"),
            "-f",
            File(recipe, "policies"),
            File(recipe, "expect")
        );

        run.Succeeded();
    }

    [Theory, MemberData(nameof(Recipes))]
    public async Task Test_RecipeWithoutItsPolicies_Differs(string recipe)
    {
        var run = await CommandRun.RunAsync("test", "-f", File(recipe, "cluster"), File(recipe, "expect"));

        run.Ended(ExitCodes.Differs);
    }

    [Theory, MemberData(nameof(Recipes))]
    public async Task Generate_Recipe_WritesATestThatHolds(string recipe)
    {
        var cluster = new[] { "-f", File(recipe, "cluster"), "-f", File(recipe, "policies") };
        var generated = (await CommandRun.RunAsync(["test", .. cluster, "--generate"])).Succeeded();
        var file = Path.Combine(Directory.CreateTempSubdirectory("podfence-recipe").FullName, "truth.yaml");
        await System.IO.File.WriteAllTextAsync(file, generated.Output, TestContext.Current.CancellationToken);

        var run = await CommandRun.RunAsync(["test", .. cluster, file]);

        run.Succeeded();
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    private static string File(string recipe, string name) => $"tests/scenarios/recipes/{recipe}/{name}.yaml";
}
