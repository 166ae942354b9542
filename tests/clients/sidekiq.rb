# Sidekiq, as frameworks.mjs has others.
#
# usage: sidekiq.rb ADDRESS idle|work
#
# With SIDEKIQ_WORKER in the environment this is what the worker loads.

IDLE = 2

begin
  require "sidekiq"
rescue LoadError
  warn "sidekiq is not installed"
  exit 77
end

class PlusOne
  include Sidekiq::Worker

  def perform(n)
    Sidekiq.redis { |r| r.lpush("result", n + 1) }
  end
end

if ENV["SIDEKIQ_WORKER"]
  # The first turn of its poller would come after some random seconds.
  Sidekiq.configure_server do |config|
    config.on(:startup) { Sidekiq::Scheduled::Enq.new.enqueue_jobs }
  end
  return
end

where, what = ARGV
url = where.start_with?("/") ? "unix://#{where}" : "redis://127.0.0.1:#{where}"
ENV["REDIS_URL"] = url
ENV["SIDEKIQ_WORKER"] = "yes"
out, into = IO.pipe(binmode: true)
worker = spawn("sidekiq", "-r", File.expand_path(__FILE__), "-c", "2",
               out: into, err: into)
into.close
said = String.new
said << (out.gets || abort("it ended\n#{said}")) until said =~ /Booting Sidekiq/
reader = Thread.new { out.each_line { |line| said << line } }

if what == "idle"
  # Its output ends when it does, which is too early.
  reader.join(IDLE) && abort("it ended\n#{said}")
else
  PlusOne.perform_async(41)
  puts "result #{Sidekiq.redis { |r| r.blpop("result", timeout: 15) }.inspect}"
end
Process.kill("TERM", worker)
Process.wait(worker)
reader.join
warn said
exit 1 if said =~ /ERROR|WARN|Error/
