package io.mycelium.migrations.report;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mycelium.migrations.Resource;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chrome or Chromium without a window. Whatever it needs is on this machine: nothing is fetched. */
final class Browser implements AutoCloseable {

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts it; where none is installed, skips the calling test, and says why. */
  static Browser startOrSkip() {
    // Chrome first: where both are, as on GitHub's machines, the driver is Chrome's.
    Optional<File> chrome = installed("google-chrome", "chromium");
    Optional<File> driver = installed("chromedriver");
    String reason = "neither Chrome nor Chromium with its chromedriver is on the PATH"
        + " (Debian: apt install chromium chromium-driver)";
    if (chrome.isEmpty() || driver.isEmpty()) { // Surefire prints no reason
      System.out.println("Skipped the tests in a browser, since " + reason);
    }
    assumeTrue(chrome.isPresent() && driver.isPresent(), reason);
    LoggingPreferences console = new LoggingPreferences();
    console.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions().setBinary(chrome.get())
        .addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
    options.setCapability("goog:loggingPrefs", console);
    return new Browser(
        new ChromeDriver(new ChromeDriverService.Builder().usingDriverExecutable(driver.get()).build(), options));
  }

  private static Optional<File> installed(String... names) {
    List<String> folders = new ArrayList<>(List.of(System.getenv("PATH").split(File.pathSeparator)));
    if (System.getenv("CHROMEWEBDRIVER") != null) {
      folders.add(0, System.getenv("CHROMEWEBDRIVER"));
    }
    for (String name : names) {
      for (String folder : folders) {
        File file = new File(folder, name);
        if (file.canExecute()) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Opens a page in a window of a size.
   *
   * @param scheme {@code light} or {@code dark}
   * @param width in pixels
   */
  void open(Path page, String scheme, int width, int height) {
    driver.executeCdpCommand("Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    driver.get(page.toUri().toString());
  }

  /** What it has said of the page since it was asked last: errors, and what the page's own policy refused. */
  List<String> console() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream().map(LogEntry::getMessage).toList();
  }

  /** What axe-core finds that WCAG at level AA forbids, a line for each place. */
  List<String> accessibilityViolations() {
    driver.executeScript(Resource.text(Browser.class, "/axe.min.js"));
    return strings("""
        return axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})
          .then(found => found.violations.flatMap(rule => rule.nodes.map(node =>
            `${rule.id}: ${rule.help}: ${node.html.slice(0, 200)} ${node.any.map(why => why.message)}`)))""");
  }

  /** What a script gives that returns an array of texts, or a promise of one. */
  @SuppressWarnings("unchecked")
  List<String> strings(String script) {
    return (List<String>) driver.executeScript(script);
  }

  /** Types into the element that has the keyboard. */
  void type(CharSequence... keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  @Override
  public void close() {
    driver.quit();
  }
}
