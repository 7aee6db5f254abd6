import java.io.IOException;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.opensearch.index.analysis.AnalyzerProvider;
import org.opensearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.opensearch.plugins.AnalysisPlugin;
import org.opensearch.plugins.Plugin;

/** Lucene의 한국어 분석기를, OpenSearch의 nori 플러그인이 부르는 이름으로. */
public class Nori extends Plugin implements AnalysisPlugin {
    public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
        return Map.of("nori", (index, environment, name, settings) -> new AbstractIndexAnalyzerProvider<>(index, name, settings) {
            final KoreanAnalyzer analyzer = new KoreanAnalyzer();
            public KoreanAnalyzer get() { return analyzer; }
        });
    }

    /** 「이름=값」인 설정들로 노드 하나를 띄우고, 잡은 포트를 말합니다. 못 띄우면 까닭을 다 적습니다. */
    public static void main(String[] settings) {
        var runner = new OpenSearchRunner();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { runner.close(); } catch (IOException error) { error.printStackTrace(); }
        }));
        runner.setMaxHttpPort(-1); // 빈 포트는 OpenSearch가 직접 찾습니다
        runner.onBuild((number, node) -> {
            for (String line : settings) node.put(line.split("=", 2)[0], line.split("=", 2)[1]);
        });
        try {
            runner.build("-basePath", ".", "-numOfNode", "1", "-pluginTypes", "Nori");
            var http = runner.node().injector().getInstance(HttpServerTransport.class);
            System.out.println("http.port=" + http.boundAddress().publishAddress().getPort());
            Thread.currentThread().join(); // 신호를 받을 때까지. 노드의 스레드들은 JVM을 붙들지 않습니다
        } catch (Throwable error) {
            error.printStackTrace();
            System.exit(1);
        }
    }
}
