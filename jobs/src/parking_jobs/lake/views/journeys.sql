-- Which journeys were made, how far and how fast, and which ended in a bay?
-- A journey is what a device reports until it is silent for 30 minutes. kilometres: great circles between positions
-- that follow one another, summed; average_speed: mean of the reported speeds, top_speed: the highest, both km/h.
-- bay, parked_at: the first session of the plate that began on the way or up to 10 minutes after it.
WITH positions AS (
    SELECT
        id,
        device_id,
        license_plate,
        latitude,
        longitude,
        speed,
        CAST(event_time AS TIMESTAMP) AS seen
    FROM vehicle
),

pairs AS (
    SELECT
        positions.*,
        LAG(seen) OVER (PARTITION BY device_id ORDER BY seen, id) AS seen_before,
        LAG(latitude) OVER (PARTITION BY device_id ORDER BY seen, id) AS latitude_before,
        LAG(longitude) OVER (PARTITION BY device_id ORDER BY seen, id) AS longitude_before
    FROM positions
),

legs AS (
    SELECT
        pairs.*,
        SUM(CASE WHEN seen <= seen_before + INTERVAL '30' MINUTE THEN 0 ELSE 1 END)
            OVER (PARTITION BY device_id ORDER BY seen, id) AS nth,
        CASE
            WHEN seen <= seen_before + INTERVAL '30' MINUTE
                THEN 2 * 6371 * ASIN(SQRT(LEAST(
                    1,
                    POWER(SIN(RADIANS(latitude - latitude_before) / 2), 2)
                    + COS(RADIANS(latitude)) * COS(RADIANS(latitude_before))
                    * POWER(SIN(RADIANS(longitude - longitude_before) / 2), 2)
                )))
            ELSE 0
        END AS kilometres
    FROM pairs
),

ways AS (
    SELECT
        device_id,
        nth,
        MAX(license_plate) AS license_plate,
        MIN(seen) AS first_seen,
        MAX(seen) AS last_seen,
        SUM(kilometres) AS kilometres,
        AVG(speed) AS average_speed,
        MAX(speed) AS top_speed
    FROM legs
    GROUP BY device_id, nth
),

stays AS (
    SELECT
        license_plate,
        location,
        CAST(start_time AS TIMESTAMP) AS began
    FROM sessions
),

ends AS (
    SELECT
        ways.device_id,
        ways.nth,
        MIN_BY(stays.location, stays.began) AS bay,
        MIN(stays.began) AS parked_at
    FROM ways
    INNER JOIN stays ON ways.license_plate = stays.license_plate
    WHERE stays.began >= ways.first_seen AND stays.began <= ways.last_seen + INTERVAL '10' MINUTE
    GROUP BY ways.device_id, ways.nth
)

SELECT
    ways.device_id,
    ways.license_plate,
    ways.first_seen,
    ways.last_seen,
    ways.kilometres,
    ways.average_speed,
    ways.top_speed,
    ends.bay IS NOT NULL AS parked,
    ends.bay,
    ends.parked_at
FROM ways
LEFT JOIN ends ON ways.device_id = ends.device_id AND ways.nth = ends.nth
ORDER BY ways.first_seen, ways.device_id
