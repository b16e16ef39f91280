//! How long an account waits after failed attempts: five are free, then a minute, doubling up to an hour. Guessing goes from thousands of
//! tries an hour to one, while whoever mistypes waits a minute.

use huike_model::{Code, Problem};

const FREE: u32 = 5;
const FIRST_MS: i64 = 60_000;
const LONGEST_MS: i64 = 3_600_000;

/// Until when nothing is accepted after that many failures in a row, the last of them now; none while they are few.
pub(super) fn locked_until(failures: i64, now: i64) -> Option<i64> {
    let beyond = u32::try_from(failures).unwrap_or(u32::MAX).checked_sub(FREE)?;
    let wait = 2_i64.checked_pow(beyond).and_then(|times| FIRST_MS.checked_mul(times)).unwrap_or(LONGEST_MS);
    Some(now + wait.min(LONGEST_MS))
}

/// The answer while locked.
pub(super) fn locked(until: i64, now: i64) -> Problem {
    let seconds = (until - now).max(0).div_euclid(1_000) + 1;
    let minutes = (seconds + 59) / 60;
    Problem::new(Code::Locked)
        .with_detail(
            format!("登录失败次数过多，请约 {minutes} 分钟后再试"),
            format!("Too many failed sign-ins; try again in about {minutes} min"),
        )
        .with("retry_after", seconds.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_starts_at_the_fifth_failure_and_doubles_up_to_an_hour() {
        let minutes: Vec<Option<i64>> =
            (3..14).map(|failures| locked_until(failures, 0).map(|until| until / 60_000)).collect();
        let wanted = [
            None,
            None,
            Some(1),
            Some(2),
            Some(4),
            Some(8),
            Some(16),
            Some(32),
            Some(60),
            Some(60),
            Some(60),
        ];
        assert_eq!(minutes, wanted);
        assert_eq!(locked_until(i64::MAX, 5), Some(5 + LONGEST_MS));
    }
}
